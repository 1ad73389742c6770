using Microsoft.AspNetCore.Components;

namespace HealthTrack.Dashboard.Ui;

/// <summary>The drawings of <c>GlyphSheet.razor</c>, by name. Decoration only: the text beside one says the same.</summary>
internal static class Glyph
{
    public static MarkupString Of(string name) => new($"<svg class=\"ht-glyph\" aria-hidden=\"true\" focusable=\"false\"><use href=\"#glyph-{name}\"></use></svg>");
}
