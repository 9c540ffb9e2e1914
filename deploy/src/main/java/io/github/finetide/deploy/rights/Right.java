package io.github.finetide.deploy.rights;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;

/**
 * What may be done with one resource, or with all whose names begin alike.
 *
 * @param resource its type, its name or prefix, and which of the two the name is
 * @param operations at least one; READ and WRITE imply DESCRIBE
 */
public record Right(ResourcePattern resource, Set<AclOperation> operations) {
    public Right {
        operations = Set.copyOf(EnumSet.copyOf(operations));
    }

    static Right topic(String name, AclOperation first, AclOperation... others) {
        return new Right(literal(ResourceType.TOPIC, name), EnumSet.of(first, others));
    }

    static Right group(String name, AclOperation first, AclOperation... others) {
        return new Right(literal(ResourceType.GROUP, name), EnumSet.of(first, others));
    }

    static Right groups(String prefix, AclOperation operation) {
        return new Right(prefixed(ResourceType.GROUP, prefix), EnumSet.of(operation));
    }

    static Right transactionalIds(String prefix) {
        return new Right(prefixed(ResourceType.TRANSACTIONAL_ID, prefix), EnumSet.of(AclOperation.WRITE));
    }

    /** In the order of Kafka's own enumeration, so that the same rights are printed alike each time. */
    List<AclOperation> sortedOperations() {
        return operations.stream().sorted().toList();
    }

    /**
     * The same as Kafka's Admin takes it, for connections from any host.
     *
     * @param principal such as {@code User:finetide-trainer}
     */
    public Set<AclBinding> bindings(String principal) {
        return operations.stream()
                .map(operation -> new AclBinding(
                        resource, new AccessControlEntry(principal, "*", operation, AclPermissionType.ALLOW)))
                .collect(Collectors.toUnmodifiableSet());
    }

    private static ResourcePattern literal(ResourceType type, String name) {
        return new ResourcePattern(type, name, PatternType.LITERAL);
    }

    private static ResourcePattern prefixed(ResourceType type, String prefix) {
        return new ResourcePattern(type, prefix, PatternType.PREFIXED);
    }
}
