using System.Security.Cryptography;
using System.Text;

namespace HealthTrack.Core.Monitors;

/// <summary>UIDs for monitors that no cluster has given one.</summary>
public static class MonitorUid
{
    // A namespace of our own for UUIDv5 (RFC 9562, section 5.5): random, fixed for ever, because UIDs place the due times.
    private static readonly Guid Space = new("6f0d1c52-8a0e-4b5b-9f5e-6c1d8e2b7a41");

    /// <summary>The UUIDv5 of <c>namespace/name</c>: the same on every machine and after every restart.</summary>
    public static string For(MonitorKey key)
    {
        // On the heap: an invalid manifest gets a UID too, and its name may be as long as its writer likes.
        var name = key.ToString();
        var input = new byte[16 + Encoding.UTF8.GetByteCount(name)];
        Space.TryWriteBytes(input, bigEndian: true, out _);
        Encoding.UTF8.GetBytes(name, input.AsSpan(16));
        Span<byte> hash = stackalloc byte[SHA1.HashSizeInBytes];
#pragma warning disable CA5350 // UUIDv5 is defined over SHA-1; it is a name here, not a protection.
        SHA1.HashData(input, hash);
#pragma warning restore CA5350
        hash[6] = (byte)((hash[6] & 0x0F) | 0x50);
        hash[8] = (byte)((hash[8] & 0x3F) | 0x80);
        return new Guid(hash[..16], bigEndian: true).ToString();
    }
}
