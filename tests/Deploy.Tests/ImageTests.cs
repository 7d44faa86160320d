using System.Globalization;
using System.Xml.Linq;

namespace Deploy.Tests;

/// <summary>What is published is whole, and an image of it is confined.</summary>
public sealed class ImageTests(Published published)
{
    [Fact]
    public void No_package_that_a_service_needs_is_left_out_of_what_is_published()
    {
        foreach (var service in published.Model.Services)
        {
            // The SDK leaves private packages out unless it is told otherwise: the front door did not start without YARP.
            var project = Directory.EnumerateFiles(Published.Root, "*.csproj", SearchOption.AllDirectories)
                .Single(file => Path.GetFileNameWithoutExtension(file).ToLowerInvariant().Replace('.', '-') == service.Image);
            var left = XDocument.Load(project).Descendants("PackageReference")
                .Where(package => (string?)package.Attribute("PrivateAssets") == "all" && (string?)package.Attribute("Publish") != "true");
            Assert.Empty(left.Select(package => $"{project}: {package}"));
        }
    }

    [Fact]
    public void An_image_runs_as_a_user_by_number_who_is_not_root()
    {
        var user = XDocument.Load(Path.Combine(Published.Folder, "Images.props")).Descendants("ContainerUser").Single().Value;
        Assert.True(int.Parse(user, CultureInfo.InvariantCulture) > 0);
        var parts = File.ReadAllText(Path.Combine(Published.Folder, "helm/aspire-webhooks/templates/_parts.tpl"));
        Assert.Contains($"runAsUser: {user}", parts, StringComparison.Ordinal);
    }
}
