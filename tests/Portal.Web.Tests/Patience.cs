using System.Runtime.CompilerServices;
using Bunit;

namespace Portal.Web.Tests;

/// <summary>bUnit waits 1 s for what a component is to show. A machine with other work to do takes longer.</summary>
internal static class Patience
{
    [ModuleInitializer]
    internal static void Set() => BunitContext.DefaultWaitTimeout = TimeSpan.FromSeconds(60);
}
