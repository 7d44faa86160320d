using Repo.Tests.Rules;

namespace Repo.Tests;

/// <summary>The rules that this repository keeps. A failure names file and line, what is wrong and what to do.</summary>
public class RepoTests
{
    private static readonly Lazy<Repository> OnDisk = new(Repository.FromDisk);

    private static Repository Repo => OnDisk.Value;

    [Fact]
    public void The_repository_is_read_at_all()
    {
        Assert.Contains(Repo.Projects, project => project.Name == "Ingest.Api" && project.References.Contains("Contracts"));
        Assert.Contains(Repo.Sources, source => source.Path == "Contracts/Topics.cs");
        Assert.DoesNotContain(Repo.Files, file => file.Path.Contains("/obj/", StringComparison.Ordinal));
    }

    [Fact]
    public void Nothing_stands_at_the_root_but_the_rooms_of_the_layout() => Verdict.None(Layout.NothingElseAtTheRoot(Repo));

    [Fact]
    public void Names_say_what_a_thing_does() => Verdict.None(Layout.NamesSayWhatAThingDoes(Repo));

    [Fact]
    public void Services_use_the_shared_projects_and_never_each_other() => Verdict.None(Projects.ReferencesPointDownwards(Repo));

    [Fact]
    public void Contracts_has_no_packages() => Verdict.None(Projects.ContractsHasNoPackages(Repo));

    [Fact]
    public void AppHost_uses_only_Aspire_Hosting() => Verdict.None(Projects.AppHostUsesOnlyAspireHosting(Repo));

    [Fact]
    public void Where_the_Kafka_packages_come_from_is_decided_in_one_place() => Verdict.None(Projects.AspireKafkaPackagesIsReadInOnePlace(Repo));

    [Fact]
    public void Nothing_of_ours_poses_as_Aspires() => Verdict.None(Projects.NothingPosesAsAspires(Repo));

    [Fact]
    public void The_switch_between_two_orchestrators_is_gone() => Verdict.None(Projects.TheOldSwitchIsGone(Repo));

    [Fact]
    public void No_code_is_compiled_by_condition() => Verdict.None(Projects.NoConditionalCompilation(Repo));

    [Fact]
    public void Versions_stand_in_one_place() => Verdict.None(Projects.VersionsStandInOnePlace(Repo));

    [Fact]
    public void Aspires_SDK_has_Aspires_version() => Verdict.None(Projects.AspiresSdkHasAspiresVersion(Repo));

    [Fact]
    public void Every_project_is_in_the_solution() => Verdict.None(Projects.EveryProjectIsInTheSolution(Repo));

    [Fact]
    public void Every_public_type_and_member_must_be_documented() =>
        Verdict.None(Projects.DocumentationIsOn(Repo).Concat(Projects.DocumentationIsDemanded(Repo)));

    [Fact]
    public void Files_are_short() => Verdict.None(Size.FilesAreShort(Repo));

    [Fact]
    public void Methods_are_short() => Verdict.None(Size.MethodsAreShort(Repo));

    [Fact]
    public void No_line_is_longer_than_160_columns() => Verdict.None(Size.LinesAreShort(Repo));

    [Fact]
    public void No_exception_from_a_limit_is_left_over() => Verdict.None(Size.NoExceptionIsLeftOver(Repo));

    [Fact]
    public void Time_comes_from_TimeProvider() => Verdict.None(Determinism.TimeComesFromTimeProvider(Repo));

    [Fact]
    public void Chance_is_passed_in() => Verdict.None(Determinism.ChanceIsPassedIn(Repo));

    [Fact]
    public void Statics_do_not_change() => Verdict.None(Determinism.StaticsDoNotChange(Repo));

    [Fact]
    public void Tests_do_not_sleep() => Verdict.None(Determinism.TestsDoNotSleep(Repo));

    [Fact]
    public void Event_ids_are_unique_in_a_project() => Verdict.None(Agreements.EventIdsAreUnique(Repo));

    [Fact]
    public void Topics_are_those_that_the_embedded_broker_makes() => Verdict.None(Agreements.TopicsAreThoseTheEmbeddedBrokerMakes(Repo));

    [Fact]
    public void Settings_are_documented()
    {
        Assert.SkipWhen(Repo.Find(Agreements.SettingsPage) is null, $"{Agreements.SettingsPage} is not written yet.");
        Verdict.None(Agreements.SettingsAreDocumented(Repo));
    }

    [Fact]
    public void CI_runs_the_tests_as_the_README_does()
    {
        Assert.SkipWhen(Repo.Find("README.md") is null, "README.md is not written yet.");
        Verdict.None(Agreements.CiRunsTheReadmesTests(Repo));
    }
}
