using Aspire.Hosting;
using Aspire.Hosting.Testing;
using Faults.Access;
using Faults.Hostile;
using Faults.Printing;
using Faults.Running;
using Npgsql;
using Support;
using Systems;

namespace Faults;

/// <summary>Who is let in, and that nobody learns from the outside, or from what is written down, how to get in.</summary>
public class AccessTests(AccessTests.SystemWithSecrets seen) : IClassFixture<AccessTests.SystemWithSecrets>
{
    [Fact]
    public void Each_credential_is_answered_as_the_table_says() => Assert.Empty(seen.WrongAnswers);

    [Fact]
    public void A_webhook_that_was_good_is_refused_when_it_is_replayed_after_the_tolerance() => Assert.True(seen.IsReplayRefused);

    [Fact]
    public void No_secret_is_in_a_log_line_a_span_an_answer_or_a_command_line() => Assert.Empty(seen.Leaks.Take(10));

    [Fact]
    public void What_was_read_for_that_is_all_there_is()
    {
        foreach (var service in RunningSystem.Services)
        {
            Assert.Contains(seen.Texts, text => text.Where == "a log line"
                && text.Text.Contains(service, StringComparison.Ordinal) && text.Text.Contains("dbug:", StringComparison.Ordinal));
            Assert.Contains(seen.Texts, text => text.Where == "/v1/traces" && text.Text.Contains(service, StringComparison.Ordinal));
            Assert.Contains(seen.Texts, text => text.Where == "/v1/logs" && text.Text.Contains(service, StringComparison.Ordinal));
        }

        // A transaction's id is no secret, and so it is to be found by the same search.
        Assert.Contains(seen.Texts, text => text.Where == "/v1/traces" && new Secret("id", "access_0").FindIn(text.Text) is not null);
    }

    [Fact]
    public void Every_service_runs_as_a_user_without_rights()
    {
        Assert.SkipUnless(SystemWithSecrets.IsRoot, "Only root can run a service as somebody else.");
        Assert.Empty(seen.RunAsRoot); // And they were ready, or nothing of this would have been seen.
    }

    /// <summary>One system that has seen everything, and what was overheard meanwhile.</summary>
    public sealed class SystemWithSecrets : IAsyncLifetime
    {
        private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

        private readonly List<string> _wrongAnswers = [];
        private readonly Settings _settings = Settings.Read() with { IsLong = false };

        internal IReadOnlyList<string> WrongAnswers => _wrongAnswers;

        internal bool IsReplayRefused { get; private set; }

        internal IReadOnlyList<string> Leaks { get; private set; } = [];

        internal IReadOnlyList<(string Where, string Text)> Texts { get; private set; } = [];

        internal IReadOnlyList<string> RunAsRoot { get; private set; } = [];

        internal static bool IsRoot => Environment.UserName == "root";

        private static CancellationToken Stop => CancellationToken.None;

        /// <inheritdoc />
        public async ValueTask InitializeAsync()
        {
            var journal = new Journal(_settings.Clock);
            var credentials = new Credentials(new Random(_settings.Seed));
            var secrets = new List<Secret>();
            await using var overheard = await Overheard.StartAsync(Stop);
            await using (var system = await RunningSystem.StartAsync(_settings, credentials.Arguments, Change, Stop))
            {
                var connection = new NpgsqlConnectionStringBuilder(await system.App.GetConnectionStringAsync("webhooks", Stop));
                var redis = (await system.App.GetConnectionStringAsync(RunningSystem.Redis, Stop))!.Split("password=")[1].Split(',')[0];
                secrets.AddRange([new Secret("the database's password", connection.Password!), new Secret("Redis' password", redis)]);
                await ExerciseAsync(system, credentials, overheard);
                foreach (var pid in ((string[])[.. RunningSystem.Services, RunningSystem.Postgres, RunningSystem.Redis]).SelectMany(system.Pids))
                    overheard.Add("a command line", await File.ReadAllTextAsync($"/proc/{pid}/cmdline", Stop));
                RunAsRoot = [.. RunningSystem.Services.Where(service => system.Pids(service).All(pid => Proc.UserOf(pid) == 0))];
            }

            void Change(IDistributedApplicationBuilder builder)
            {
                builder.GiveServices(credentials.Settings);
                overheard.Change(builder);
                if (IsRoot) builder.RunAs("nobody", "nogroup", RunningSystem.Services);
            }

            secrets.AddRange(credentials.All);
            Texts = [.. overheard.Texts];
            Leaks = [.. from text in Texts from secret in secrets let found = secret.FindIn(text.Text) where found is not null select $"{text.Where}: {found}"];
            var (forms, kibibytes) = (secrets.Sum(secret => secret.Forms.Count), Texts.Sum(text => (long)text.Text.Length) / 1024);
            journal.Say($"access: {secrets.Count} secrets in {forms} forms, looked for in {Texts.Count} texts of {kibibytes} KiB, "
                + $"found {Leaks.Count} times; {WrongAnswers.Count} wrong answers");
        }

        /// <inheritdoc />
        public ValueTask DisposeAsync() => ValueTask.CompletedTask;

        private async Task ExerciseAsync(RunningSystem system, Credentials credentials, Overheard overheard)
        {
            await Eventually.TrueAsync(token => system.AskAsync<bool>("SELECT coalesce(sum(partitions), 0) = 12 FROM worker_instances", token), Stop);
            var table = new AccessTable(credentials, _settings.Clock.GetUtcNow());
            foreach (var ask in table.Asks()) await AskAsync(system, ask, overheard);
            await Eventually.TrueAsync(token => system.AskAsync<bool>("SELECT NOT EXISTS (SELECT FROM transactions WHERE status = 'PROCESSING')", token), Stop);

            var postgres = system.Processes.Of(RunningSystem.Postgres)[0];
            Signals.Send(postgres.Pid, Signals.Interrupt);
            await system.Processes.UntilEndedAsync(postgres, Stop);
            foreach (var ask in table.AsksWithoutDatabase()) await AskAsync(system, ask, overheard);
            await system.Processes.StartAgainAsync(postgres, Stop);

            // The very same bytes: a repetition now, a replay when five minutes have gone by.
            var good = table.Good();
            await Eventually.TrueAsync(async _ => await StatusAsync(system, good, overheard) == 202, Stop);
            var clock = Path.Combine(system.Around.Clocks, RunningSystem.Ingest);
            await File.WriteAllTextAsync(clock, "00:05:10", Stop);
            IsReplayRefused = await Eventually.GetAsync(async _ => await StatusAsync(system, good, overheard) == 401, refused => refused, Stop);
            File.Delete(clock);
        }

        private async Task AskAsync(RunningSystem system, Ask ask, Overheard overheard)
        {
            var status = await StatusAsync(system, ask, overheard);
            if (status != ask.Status) _wrongAnswers.Add($"{ask.What} is answered with {status}, not {ask.Status}");
        }

        private static async Task<int> StatusAsync(RunningSystem system, Ask ask, Overheard overheard)
        {
            var answer = await RawRequest.SendAsync(system.App.GetEndpoint(RunningSystem.Portal, "http"), ask.Request, Limit, Stop);
            overheard.Add($"the answer to {ask.What}", answer.Text);
            return answer.Status;
        }
    }
}
