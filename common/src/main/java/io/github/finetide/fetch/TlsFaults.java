package io.github.finetide.fetch;

import io.github.finetide.message.Shown;
import java.io.EOFException;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateException;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.jspecify.annotations.Nullable;

/** A host that is not who it says, or whom nobody here trusts: asking again does not help. */
public final class TlsFaults {
    private static final int MAX_CHARS = 200;

    private TlsFaults() {}

    /** Whether TLS failed for good; a connection that breaks off meanwhile may come back. */
    public static boolean isUntrusted(@Nullable Throwable failed) {
        boolean brokenOff = find(failed, EOFException.class) != null;
        return isCertificate(failed) || (!brokenOff && find(failed, SSLHandshakeException.class) != null);
    }

    /** Whether what answers does not speak TLS at all. */
    static boolean isNoTls(@Nullable Throwable failed) {
        Throwable tls = find(failed, SSLException.class);
        return tls != null && String.valueOf(tls.getMessage()).contains("nrecognized SSL message");
    }

    private static boolean isCertificate(@Nullable Throwable failed) {
        return find(failed, CertificateException.class) != null
                || find(failed, CertPathValidatorException.class) != null
                || find(failed, CertPathBuilderException.class) != null
                || find(failed, SSLPeerUnverifiedException.class) != null;
    }

    /** In the words of the deepest cause, which names what is wrong. */
    public static String reason(Throwable failed) {
        Throwable deepest = failed;
        for (Throwable t = failed; t != null; t = t.getCause()) {
            deepest = t.getMessage() == null ? deepest : t;
        }
        String what = isCertificate(failed) ? "its certificate is not trusted" : "TLS was refused";
        return what + " (" + Shown.plain(String.valueOf(deepest.getMessage()), MAX_CHARS) + ")";
    }

    private static <T extends Throwable> @Nullable T find(@Nullable Throwable failed, Class<T> type) {
        for (Throwable t = failed; t != null; t = t.getCause()) {
            if (type.isInstance(t)) {
                return type.cast(t);
            }
        }
        return null;
    }
}
