using MudBlazor;

namespace HealthTrack.Dashboard.Ui;

/// <summary>
/// MudBlazor's theme. Its colours stand in wwwroot/dashboard/app.css for both modes, as the browser and not the server knows which one the
/// system wants; here is only what has no colour.
/// </summary>
internal static class Theme
{
    private static readonly string[] SystemFonts =
        ["system-ui", "-apple-system", "Segoe UI", "Roboto", "Helvetica Neue", "Noto Sans", "Liberation Sans", "Arial", "sans-serif"];

    public static MudTheme Default { get; } = new()
    {
        Typography = new Typography
        {
            Default = new DefaultTypography { FontFamily = SystemFonts },
            H6 = new H6Typography { FontFamily = SystemFonts, FontSize = "1.125rem", FontWeight = "600", LetterSpacing = "0" },
            Button = new ButtonTypography { FontFamily = SystemFonts, FontSize = ".875rem", FontWeight = "550", LetterSpacing = "0", TextTransform = "none" },
        },
        LayoutProperties = new LayoutProperties { DefaultBorderRadius = "8px" },
    };
}
