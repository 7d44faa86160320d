namespace Aspire.Hosting;

/// <summary>Where a project of the solution lies; LocalHosting/AppHost.targets writes one class each.</summary>
public interface IProjectMetadata
{
    /// <summary>Its .csproj.</summary>
    string ProjectPath { get; }

    /// <summary>Its built assembly. Aspire asks MSBuild for it at run time; here it is written down when the AppHost is built.</summary>
    string AssemblyPath { get; }
}

/// <summary>What the AppHost is being run for.</summary>
public class DistributedApplicationExecutionContext
{
    /// <summary>Whether deployment files are to be written: never here.</summary>
    public bool IsPublishMode { get; }

    /// <summary>Whether the system is to be run: always here.</summary>
    public bool IsRunMode { get; } = true;
}

/// <summary>The system cannot be started or run as AppHost.cs says; the message says what to do.</summary>
public class DistributedApplicationException : Exception
{
    /// <summary>Without a reason.</summary>
    public DistributedApplicationException()
    {
    }

    /// <summary>With the reason.</summary>
    /// <param name="message">What is wrong, and the remedy.</param>
    public DistributedApplicationException(string message) : base(message)
    {
    }

    /// <summary>With the reason and where it comes from.</summary>
    /// <param name="message">What is wrong, and the remedy.</param>
    /// <param name="inner">What was caught.</param>
    public DistributedApplicationException(string message, Exception inner) : base(message, inner)
    {
    }
}
