using Repo.Tests.Rules;

namespace Repo.Tests;

/// <summary>Every rule, broken once in a small repository of its own: a rule that cannot fail guards nothing.</summary>
public class RuleTests
{
    private static readonly (string, string) Packages = ("Directory.Packages.props", "<Project><P><AspireVersion>13.6.5</AspireVersion></P></Project>");

    private const string LongSql = "class A { string Sql() => \"\"\"\n" + "SELECT 1\n" + "\"\"\"; }";

    [Theory]
    [InlineData("notes.txt", "notes.txt:1"), InlineData("Shop.Api/Program.cs", "Shop.Api/Program.cs:1")]
    public void A_stranger_at_the_root_is_seen(string path, string where) => Sees(Layout.NothingElseAtTheRoot, (path, ""), where);

    [Theory]
    [InlineData("Data/MoneyHelper.cs"), InlineData("Data/Utils/Money.cs"), InlineData("Query.Api/Common.cs"), InlineData("tests/Support/test-utils.json")]
    public void An_empty_name_is_seen_in_a_path(string path) => Sees(Layout.NamesSayWhatAThingDoes, (path, ""), $"{path}:1");

    [Fact]
    public void An_empty_name_is_seen_in_a_type() =>
        Sees(Layout.NamesSayWhatAThingDoes, ("Data/Money.cs", "class Money;\nclass MoneyManager;"), "Data/Money.cs:2");

    [Theory]
    [InlineData("Data/Commons.cs"), InlineData("Data/ManagedMoney.cs"), InlineData("docs/utilisation.md")]
    public void A_name_that_only_looks_alike_is_left_alone(string path) => Passes(Layout.NamesSayWhatAThingDoes, (path, ""));

    [Theory]
    [InlineData("Ingest.Api", "Query.Api"), InlineData("Query.Api", "LocalHosting.Servers"), InlineData("Data", "ServiceDefaults")]
    [InlineData("Contracts", "Data"), InlineData("ServiceDefaults", "Data"), InlineData("AppHost", "LocalHosting.Servers")]
    [InlineData("AppHost", "Data"), InlineData("Portal.Web", "Ingest.Api")]
    public void A_reference_that_points_the_wrong_way_is_seen(string from, string to) => Sees(
        Projects.ReferencesPointDownwards,
        ($"{from}/{from}.csproj", $"<Project>\n<ProjectReference Include=\"../{to}/{to}.csproj\" />\n</Project>"),
        $"{from}/{from}.csproj:2");

    [Theory]
    [InlineData("LocalHosting", "Data"), InlineData("LocalHosting.Servers", "LocalHosting"), InlineData("Aspire.Hosting.Kafka", "LocalHosting")]
    [InlineData("LocalHosting.EmbeddedKafka", "LocalHosting.Servers")]
    public void A_reference_out_of_LocalHosting_or_up_in_it_is_seen(string from, string to) => Sees(
        Projects.ReferencesPointDownwards,
        ($"LocalHosting/X/{from}.csproj", $"<Project><ProjectReference Include=\"../{to}.csproj\" /></Project>"),
        $"LocalHosting/X/{from}.csproj:1");

    [Theory, InlineData("AppHost/AppHost", "LocalHosting"), InlineData("LocalHosting/LocalHosting", "LocalHosting.Servers")]
    [InlineData("LocalHosting/Servers/LocalHosting.Servers", "LocalHosting.EmbeddedKafka"), InlineData("AppHost/AppHost", "Sandbox")]
    public void A_reference_that_points_the_right_way_is_left_alone(string from, string to) =>
        Passes(Projects.ReferencesPointDownwards, ($"{from}.csproj", $"<Project><ProjectReference Include=\"../{to}.csproj\" /></Project>"));

    [Fact]
    public void A_package_in_Contracts_is_seen() => Sees(
        Projects.ContractsHasNoPackages,
        ("Contracts/Contracts.csproj", "<Project>\n\n<PackageReference Include=\"Npgsql\" /></Project>"),
        "Contracts/Contracts.csproj:3");

    [Fact]
    public void A_foreign_package_in_AppHost_is_seen() => Sees(
        Projects.AppHostUsesOnlyAspireHosting,
        ("AppHost/AppHost.csproj", "<Project><PackageReference Include=\"Npgsql\" /></Project>"),
        "AppHost/AppHost.csproj:1");

    [Theory, InlineData("Data/Data.csproj"), InlineData("Directory.Build.props"), InlineData("tests/Directory.Build.targets")]
    public void The_Kafka_packages_switch_elsewhere_is_seen(string path) =>
        Sees(Projects.AspireKafkaPackagesIsReadInOnePlace, (path, "<Project>\n<A Condition=\"'$(AspireKafkaPackages)' == 'true'\" /></Project>"), $"{path}:2");

    [Theory]
    [InlineData("LocalHosting/Restarts.cs", "namespace Aspire.Hosting;")]
    [InlineData("tests/AppHost.Tests/A.cs", "namespace Aspire.Hosting.Testing { class A; }")]
    [InlineData("Data/A.cs", "namespace Aspire;")]
    public void A_type_that_poses_as_Aspires_is_seen(string path, string code) =>
        Sees(Projects.NothingPosesAsAspires, (path, $"// A\n{code}"), $"{path}:2");

    [Theory, InlineData("LocalHosting/Aspire.Hosting.Kafka/A.cs", "namespace Aspire.Hosting;"), InlineData("Data/A.cs", "namespace AspireWebhooks.Data;")]
    public void The_source_of_the_Kafka_packages_is_left_alone(string path, string code) => Passes(Projects.NothingPosesAsAspires, (path, code));

    [Theory]
    [InlineData(".ci/run", "echo Orchestrator=$x"), InlineData("Directory.Build.props", "<Orchestrator>local</Orchestrator>")]
    [InlineData("Data/Data.csproj", "<A B=\"$(Orchestrator)\" />"), InlineData("docs/settings.md", "| `Orchestrator` | local |")]
    public void The_old_switch_is_seen(string path, string line) => Sees(Projects.TheOldSwitchIsGone, (path, $"<A>\n{line}\n</A>"), $"{path}:2");

    [Fact]
    public void Another_orchestrator_is_left_alone() =>
        Passes(Projects.TheOldSwitchIsGone, ("docs/architecture.md", "Aspire's orchestrator (DCP) starts them."));

    [Theory, InlineData("#if LOCAL\n#endif", 2), InlineData("class B;\n  # if LOCAL\n#endif", 3)]
    public void Conditional_compilation_is_seen(string code, int line) =>
        Sees(Projects.NoConditionalCompilation, ("Data/A.cs", $"\n{code}\n"), $"Data/A.cs:{line}");

    [Fact]
    public void A_directive_inside_a_text_is_left_alone() =>
        Passes(Projects.NoConditionalCompilation, ("tests/A.cs", "class A { string B = \"\"\"\n#if X\n\"\"\"; }"));

    [Theory]
    [InlineData("<PackageReference Include=\"Npgsql\" Version=\"10.0.0\" />")]
    [InlineData("<PackageReference Include=\"Npgsql\" VersionOverride=\"10.0.0\" />")]
    [InlineData("<PackageReference Include=\"Npgsql\"><Version>10.0.0</Version></PackageReference>")]
    [InlineData("<PackageVersion Include=\"Npgsql\" Version=\"10.0.0\" />")]
    public void A_version_elsewhere_is_seen(string item) =>
        Sees(Projects.VersionsStandInOnePlace, ("Data/Data.csproj", $"<Project>\n{item}</Project>"), "Data/Data.csproj:2");

    [Theory]
    [InlineData("<Project Sdk=\"Aspire.AppHost.Sdk/13.5.4\" />", 1)]
    [InlineData("<Project>\n<Import Sdk=\"Aspire.AppHost.Sdk\" Version=\"12.6.5\" /></Project>", 2)]
    [InlineData("<Project>\n<Sdk Name=\"Aspire.AppHost.Sdk\" /></Project>", 2)]
    public void An_SDK_of_another_version_is_seen(string project, int line) =>
        Sees(Projects.AspiresSdkHasAspiresVersion, Repository.Of(Packages, ("AppHost/AppHost.csproj", project)), $"AppHost/AppHost.csproj:{line}");

    [Theory, InlineData("<Project Sdk=\"Aspire.AppHost.Sdk/13.6.4\" />"), InlineData("<Project Sdk=\"Microsoft.NET.Sdk\" />")]
    public void An_SDK_of_another_patch_is_left_alone(string project) =>
        Verdict.None(Projects.AspiresSdkHasAspiresVersion(Repository.Of(Packages, ("AppHost/AppHost.csproj", project))));

    [Fact]
    public void A_project_outside_the_solution_is_seen() => Sees(
        Projects.EveryProjectIsInTheSolution,
        Repository.Of(("AspireWebhooks.sln", "\"tests\\A\\A.csproj\""), ("tests/A/A.csproj", "<P />"), ("tests/B/B.csproj", "<P />")),
        "tests/B/B.csproj:1");

    [Theory]
    [InlineData("Data/Data.csproj", "<GenerateDocumentationFile>false</GenerateDocumentationFile>"), InlineData("Data/Data.csproj", "<NoWarn>CS1591</NoWarn>")]
    [InlineData("Directory.Build.props", "<NoWarn>CS1591</NoWarn>")]
    public void Documentation_turned_off_is_seen(string path, string property) =>
        Sees(Projects.DocumentationIsDemanded, (path, $"<Project><PropertyGroup>\n{property}</PropertyGroup></Project>"), $"{path}:2");

    [Fact]
    public void Documentation_not_turned_on_is_seen() => Sees(Projects.DocumentationIsOn, ("Directory.Build.props", "<Project />"), "Directory.Build.props:1");

    [Fact]
    public void A_long_file_is_seen() => Sees(Size.FilesAreShort, ("Data/A.cs", Lines(Size.File + 1)), $"Data/A.cs:{Size.File}");

    [Fact]
    public void A_file_at_the_limit_is_left_alone() => Passes(Size.FilesAreShort, ("Data/A.cs", Lines(Size.File)));

    [Fact]
    public void A_long_method_is_seen() =>
        Sees(Size.MethodsAreShort, ("Data/A.cs", $"class A\n{{\n void B() {{\n{Lines(Size.Method - 1)} }} }}"), "Data/A.cs:3");

    [Theory, InlineData("get { {0} }"), InlineData("set { {0} }")]
    public void A_long_accessor_is_seen(string accessor) => Sees(
        Size.MethodsAreShort,
        ("Data/A.cs", $"class A {{ int B {{ {accessor.Replace("{0}", Lines(Size.Method), StringComparison.Ordinal)} }} }}"),
        "Data/A.cs:1");

    [Fact]
    public void A_method_at_the_limit_is_left_alone() =>
        Passes(Size.MethodsAreShort, ("Data/A.cs", $"class A\n{{\n void B() {{\n{Lines(Size.Method - 2)} }} }}"));

    [Fact]
    public void A_long_line_is_seen() => Sees(Size.LinesAreShort, ("tests/A.cs", $"class A;\n{Columns(Size.Line + 1)}\n"), "tests/A.cs:2");

    [Theory, InlineData("tests/A.cs", 0), InlineData("Data/Migrations/A.cs", 1)]
    public void A_line_at_the_limit_or_in_a_migration_is_left_alone(string path, int over) =>
        Passes(Size.LinesAreShort, (path, $"class A;\n{Columns(Size.Line + over)}\r\n"));

    [Fact]
    public void A_long_text_is_no_long_method() =>
        Passes(Size.MethodsAreShort, ("Data/A.cs", LongSql.Replace("SELECT 1\n", Lines(Size.Method * 2), StringComparison.Ordinal)));

    [Theory]
    [InlineData("DateTime.UtcNow"), InlineData("System.DateTime.Now"), InlineData("DateTimeOffset.UtcNow"), InlineData("DateTimeOffset.Now")]
    [InlineData("Environment.TickCount64"), InlineData("Stopwatch.StartNew()"), InlineData("Stopwatch.GetTimestamp()"), InlineData("new Stopwatch()")]
    [InlineData("Thread.Sleep(1)"), InlineData("Task.Delay(1)"), InlineData("Task.Delay(wait, cancellationToken)")]
    [InlineData("new PeriodicTimer(wait)"), InlineData("new Timer(x)")]
    public void A_clock_of_its_own_is_seen(string code) =>
        Sees(Determinism.TimeComesFromTimeProvider, ("Query.Api/A.cs", $"class A\n{{\n object B() => {code};\n}}"), "Query.Api/A.cs:3");

    [Theory]
    [InlineData("Task.Delay(wait, clock, cancellationToken)"), InlineData("Task.Delay(wait, _timeProvider)"), InlineData("new PeriodicTimer(wait, clock)")]
    [InlineData("Task.Delay(Timeout.Infinite, cancellationToken)"), InlineData("clock.GetUtcNow()")]
    public void A_clock_from_outside_is_left_alone(string code) =>
        Passes(Determinism.TimeComesFromTimeProvider, ("Query.Api/A.cs", $"class A {{ object B() => {code}; }}"));

    [Theory, InlineData("Thread.Sleep(1)"), InlineData("Task.Delay(100, cancelled)"), InlineData("new PeriodicTimer(wait)")]
    public void A_sleeping_test_is_seen(string code) =>
        Sees(Determinism.TestsDoNotSleep, ("tests/Data.Tests/A.cs", $"class A {{ object B() => {code}; }}"), "tests/Data.Tests/A.cs:1");

    [Theory, InlineData("new Random()"), InlineData("new Random(7)"), InlineData("Random.Shared.Next()")]
    public void Chance_of_its_own_is_seen(string code) =>
        Sees(Determinism.ChanceIsPassedIn, ("Query.Api/A.cs", $"class A {{ object B() => {code}; }}"), "Query.Api/A.cs:1");

    [Fact]
    public void Chance_that_is_registered_is_left_alone() =>
        Passes(Determinism.ChanceIsPassedIn, ("Query.Api/A.cs", "class A { void B() => services.AddSingleton(_ => new Relay(Random.Shared)); }"));

    [Theory]
    [InlineData("static int B;"), InlineData("private static readonly Dictionary<int, int> B = [];")]
    [InlineData("[ThreadStatic] private static readonly int B;")]
    [InlineData("public static int B { get; set; }")]
    public void Static_state_is_seen(string member) => Sees(Determinism.StaticsDoNotChange, ("Data/A.cs", $"class A\n{{\n{member}\n}}"), "Data/A.cs:3");

    [Theory]
    [InlineData("const int B = 1;"), InlineData("static readonly int B = 1;"), InlineData("static readonly FrozenDictionary<int, int> B;")]
    [InlineData("static int B => 1;"), InlineData("static int B { get; } = 1;")]
    public void A_static_that_does_not_change_is_left_alone(string member) => Passes(Determinism.StaticsDoNotChange, ("Data/A.cs", $"class A {{ {member} }}"));

    [Fact]
    public void An_event_id_given_twice_is_seen() => Sees(
        Agreements.EventIdsAreUnique,
        Repository.Of(
            ("Data/A.cs", "class A { [LoggerMessage(7, LogLevel.Error, \"a\")] void B(); }"),
            ("Data/B/C.cs", "class C {\n [LoggerMessage(EventId = 7)] void B(); }"),
            ("Query.Api/A.cs", "class A { [LoggerMessage(7, LogLevel.Error, \"a\")] void B(); }")),
        "Data/A.cs:1", "Data/B/C.cs:2");

    [Fact]
    public void A_log_message_without_an_id_is_seen() =>
        Sees(Agreements.EventIdsAreUnique, ("Data/A.cs", "class A { [LoggerMessage(LogLevel.Error, \"a\")] void B(); }"), "Data/A.cs:1");

    [Fact]
    public void A_topic_on_one_side_alone_is_seen() => Sees(
        Agreements.TopicsAreThoseTheEmbeddedBrokerMakes,
        Repository.Of(
            ("Contracts/Topics.cs", "class Topics {\n public const string A = \"a\";\n public const string B = \"b\"; public const int Partitions = 12; }"),
            ("AppHost/AppHost.cs", "builder.RunServersWithoutContainers(\n\"a\",\n\"c\");")),
        "Contracts/Topics.cs:3", "AppHost/AppHost.cs:3");

    [Fact]
    public void A_setting_that_is_not_documented_is_seen() => Sees(
        Agreements.SettingsAreDocumented,
        Repository.Of(
            ("docs/settings.md", "`Relay__Batch`"),
            ("Processor.Worker/RelayOptions.cs",
                "class RelayOptions { public const string Section = \"Relay\";\n public int Batch { get; set; }\n public int Every { get; set; } }")),
        "Processor.Worker/RelayOptions.cs:3");

    [Fact]
    public void A_CI_that_tests_otherwise_is_seen() => Sees(
        Agreements.CiRunsTheReadmesTests,
        Repository.Of((".ci/run", "\nreadonly test_command=(dotnet test -c Release)"), ("README.md", "```\ndotnet test\n```")),
        ".ci/run:2");

    private static string Lines(int count) => string.Concat(Enumerable.Repeat("// line\n", count));

    private static string Columns(int count) => "//".PadRight(count, '-');

    private static void Passes(Func<Repository, IEnumerable<Violation>> rule, (string, string) file) => Verdict.None(rule(Repository.Of(file)));

    private static void Sees(Func<Repository, IEnumerable<Violation>> rule, (string, string) file, string where) => Sees(rule, Repository.Of(file), where);

    private static void Sees(Func<Repository, IEnumerable<Violation>> rule, Repository repository, params string[] where) =>
        Assert.Equal(where.Order(), rule(repository).Select(violation => $"{violation.Path}:{violation.Line}").Order());
}
