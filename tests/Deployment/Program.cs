// What deploy/prove asks of a deployed system: its ways from outside, then what a cluster does to it, under load.
//
//   Deployment URL NAMESPACE NEW_TAG CHART -- KUBECTL...
//   Deployment http://10.96.1.2:8000 pay 2 deploy/helm/aspire-webhooks -- kube ctl /tmp/cluster
//
// In the environment: API_KEY and ADMIN_KEY, and HELM, the program. KUBECONFIG is helm's. The exit code is 0 when every promise is held.
using Deployment;

if (Array.IndexOf(args, "--") != 4)
{
    Console.Error.WriteLine("Deployment URL NAMESPACE NEW_TAG CHART -- KUBECTL...");
    return 2;
}

var clock = TimeProvider.System;
using var stop = new CancellationTokenSource(TimeSpan.FromMinutes(45));
Console.CancelKeyPress += (_, pressed) => stop.Cancel(pressed.Cancel = true);
var cluster = new Cluster(args[5..], args[1], args[3], Environment.GetEnvironmentVariable("HELM") ?? "helm");
var url = new Uri(args[0]);

Console.WriteLine("From outside:");
var (apiKey, adminKey) = (Environment.GetEnvironmentVariable("API_KEY") ?? "", Environment.GetEnvironmentVariable("ADMIN_KEY") ?? "");
foreach (var way in await new Ways(url, apiKey, adminKey, clock).GoAsync(stop.Token)) Console.WriteLine($"  {way}");

await using var load = new Load(url, apiKey, clock);
load.Start(stop.Token);
var rows = new List<Row>();
foreach (var step in Steps.All(cluster, args[2], clock)) rows.Add(await load.DuringAsync(step, stop.Token));
var faults = await Verdict.OfAsync(load, cluster, clock, stop.Token);

Console.WriteLine();
Console.WriteLine(Row.Head);
foreach (var row in rows) Console.WriteLine(row);
Console.WriteLine($"{load.Accepted.Count} x 202, {faults.Count} faults");
foreach (var fault in faults.Take(20)) Console.WriteLine($"  {fault}");
return faults.Count == 0 ? 0 : 1;
