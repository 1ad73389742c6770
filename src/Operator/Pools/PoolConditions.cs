namespace HealthTrack.Operator.Pools;

/// <summary>The conditions of a pool and the reasons that they give. Part of the API: never renamed.</summary>
internal static class PoolConditions
{
    /// <summary>The pool can check.</summary>
    public const string Ready = nameof(Ready);

    /// <summary>A rollout is under way. Only while true.</summary>
    public const string Reconciling = nameof(Reconciling);

    /// <summary>Somebody has to mend something. Only while true.</summary>
    public const string Stalled = nameof(Stalled);

    /// <summary>Ready: workers are connected.</summary>
    public const string WorkersConnected = nameof(WorkersConnected);

    /// <summary>Not ready: none is.</summary>
    public const string NoWorker = nameof(NoWorker);

    /// <summary>Ready, for the pool default; not ready, for others: the operator checks by itself.</summary>
    public const string InProcess = nameof(InProcess);

    /// <summary>Stalled: the spec is wrong. What was made of its last valid form stays.</summary>
    public const string InvalidSpec = nameof(InvalidSpec);

    /// <summary>Stalled: neither the pool nor the operator says which image workers run.</summary>
    public const string NoImage = nameof(NoImage);

    /// <summary>Stalled: pools count in the operator's namespace alone.</summary>
    public const string NotInOperatorNamespace = nameof(NotInOperatorNamespace);

    /// <summary>Stalled: the token of an external pool cannot be read.</summary>
    public const string SecretNotFound = nameof(SecretNotFound);

    /// <summary>Stalled: the API server refuses an object of the pool.</summary>
    public const string Refused = nameof(Refused);

    /// <summary>Reconciling: the Deployment's workers are being made or replaced.</summary>
    public const string RollingOut = nameof(RollingOut);
}
