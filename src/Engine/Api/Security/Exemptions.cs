namespace HealthTrack.Engine.Api.Security;

/// <summary>Metadata of an endpoint that may be called under any host name and from any site: it says nothing of what is monitored.</summary>
internal sealed record FromAnySite;

/// <summary>Metadata of an endpoint that every process answers, whether it leads or not.</summary>
internal sealed record OnStandbys;

/// <summary>Metadata of an endpoint that answers before the sources are read.</summary>
internal sealed record BeforeFirstSync;
