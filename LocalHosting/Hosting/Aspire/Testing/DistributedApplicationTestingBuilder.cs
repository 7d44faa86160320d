using LocalHosting.Running;
using Microsoft.Extensions.Configuration;

namespace Aspire.Hosting.Testing;

/// <summary>The table of a system that a test starts.</summary>
public interface IDistributedApplicationTestingBuilder : IDistributedApplicationBuilder, IAsyncDisposable, IDisposable
{
    /// <summary>Closes the table.</summary>
    /// <param name="cancellationToken">Not used: nothing here takes time.</param>
    Task<DistributedApplication> BuildAsync(CancellationToken cancellationToken = default);
}

/// <summary>Starts systems in tests: fresh data in a temporary folder, free ports, silent unless LOCALHOSTING_LOGS=1.</summary>
public static class DistributedApplicationTestingBuilder
{
    /// <summary>Runs the AppHost's own code up to its Build().</summary>
    /// <typeparam name="TEntryPoint">Any class of its assembly: <c>Projects.AppHost</c>.</typeparam>
    /// <param name="cancellationToken">Gives it up.</param>
    public static Task<IDistributedApplicationTestingBuilder> CreateAsync<TEntryPoint>(CancellationToken cancellationToken = default)
        where TEntryPoint : class => CreateAsync<TEntryPoint>([], cancellationToken);

    /// <inheritdoc cref="CreateAsync{TEntryPoint}(CancellationToken)" />
    /// <param name="args">Its command line: <c>--Parameters:processing-delay=00:00:01</c>.</param>
    /// <param name="cancellationToken">Gives it up.</param>
    public static async Task<IDistributedApplicationTestingBuilder> CreateAsync<TEntryPoint>(string[] args, CancellationToken cancellationToken = default)
        where TEntryPoint : class
    {
        var session = new AppHostSession(typeof(TEntryPoint).Assembly);
        session.Start(args);
        try
        {
            return new TestingBuilder(await session.Table.WaitAsync(cancellationToken), session);
        }
        catch (OperationCanceledException)
        {
            session.GiveUp();
            throw;
        }
    }

    /// <summary>An empty table, for a test that wants servers alone.</summary>
    /// <param name="args">Configuration: <c>--LocalHosting:Topics:0=orders</c>.</param>
    public static IDistributedApplicationTestingBuilder Create(params string[] args) => new TestingBuilder(new(args, appHost: null, session: null), null);

    private sealed class TestingBuilder(DistributedApplicationBuilder table, AppHostSession? session) : IDistributedApplicationTestingBuilder
    {
        private DistributedApplication? _built;

        public ConfigurationManager Configuration => table.Configuration;

        public string AppHostDirectory => table.AppHostDirectory;

        public DistributedApplicationExecutionContext ExecutionContext => table.ExecutionContext;

        public ApplicationModel.IResourceBuilder<T> AddResource<T>(T resource) where T : ApplicationModel.IResource => table.AddResource(resource);

        public DistributedApplication Build()
        {
            _built ??= table.BuildNow(isTest: true);
            session?.GoOn(_built);
            return _built;
        }

        public Task<DistributedApplication> BuildAsync(CancellationToken cancellationToken = default) => Task.FromResult(Build());

        public async ValueTask DisposeAsync()
        {
            session?.GiveUp();
            if (_built is not null)
                await _built.DisposeAsync();
        }

        public void Dispose() => DisposeAsync().AsTask().GetAwaiter().GetResult();
    }
}
