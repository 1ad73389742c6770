namespace HealthTrack.Contracts.Link;

/// <summary>How much may cross the link. Lengths are in UTF-16 units, sizes in bytes.</summary>
public static class LinkLimits
{
    /// <summary>The oldest protocol of a worker that the control plane still serves.</summary>
    public const int OldestProtocol = 1;

    /// <summary>The largest message that the control plane takes from a worker.</summary>
    public const int WorkerMessageBytes = 4 * 1024 * 1024;

    /// <summary>About how large a message of assignments gets before another is begun.</summary>
    public const int AssignmentsBytes = 1024 * 1024;

    /// <summary>The largest message that a worker takes: one assignment alone may be larger than <see cref="AssignmentsBytes"/>, by its secrets.</summary>
    public const int ControlMessageBytes = 16 * 1024 * 1024;

    /// <summary>A UID, a location, a worker's id, the name or key of a secret.</summary>
    public const int NameLength = 253;

    /// <summary>A program's version.</summary>
    public const int VersionLength = 128;

    /// <summary>What went wrong in a check: longer ones are cut.</summary>
    public const int MessageLength = 1024;

    /// <summary>A certificate's issuer: longer ones are cut by the worker.</summary>
    public const int IssuerLength = 256;

    /// <summary>A reason: longer ones are cut.</summary>
    public const int ReasonLength = 512;

    /// <summary>Results of one batch.</summary>
    public const int BatchResults = 5000;

    /// <summary>Refused assignments of one message; a worker that refuses more names these many.</summary>
    public const int RefusedAssignments = 5000;

    /// <summary>Assignments of one worker.</summary>
    public const int Assignments = 200_000;

    /// <summary>Secrets of one assignment.</summary>
    public const int Secrets = 1000;

    /// <summary>The largest value of a secret, as UTF-8; certificates and bundles may take all of <see cref="SecretsBytes"/>.</summary>
    public const int SecretBytes = 64 * 1024;

    /// <summary>The values of all secrets of one assignment together, as UTF-8: as much as one Secret may hold in Kubernetes.</summary>
    public const int SecretsBytes = 1024 * 1024;

    /// <summary>The largest weight of a worker.</summary>
    public const int Capacity = 1000;

    /// <summary>The largest load that a worker may name; 1 is full.</summary>
    public const int Load = 1000;
}
