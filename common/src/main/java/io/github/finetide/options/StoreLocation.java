package io.github.finetide.options;

import io.github.finetide.message.Redacted;
import io.github.finetide.message.UriText;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads {@code --store}: {@code s3://bucket/prefix}, {@code file:///folder} or a plain path. */
public final class StoreLocation implements ITypeConverter<URI> {
    @Override
    public URI convert(String value) {
        return of(value);
    }

    /** The URI of a store given as URI or path. */
    static URI of(String value) {
        if (value.startsWith("s3:")) {
            return s3(value);
        }
        if (value.startsWith("file:")) {
            return Path.of(URI.create(value)).toAbsolutePath().normalize().toUri();
        }
        if (value.matches("[A-Za-z][A-Za-z0-9+.-]+:.*")) {
            throw new TypeConversionException("'" + Redacted.text(value)
                    + "' is not a folder, file: or s3://bucket/prefix: this scheme is not supported");
        }
        return Path.of(value).toAbsolutePath().normalize().toUri();
    }

    private static URI s3(String value) {
        try {
            return UriText.lenient(value);
        } catch (URISyntaxException e) {
            throw new TypeConversionException("'" + Redacted.text(value) + "' is not s3://bucket/prefix");
        }
    }
}
