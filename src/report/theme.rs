//! The colours of a page by day and by night.

use std::fmt::Write;

/// A CSS variable with its values in a light and in a dark page.
const COLOURS: [(&str, &str, &str); 21] = [
    ("bg", "#f7f7f5", "#111316"),
    ("surface", "#ffffff", "#191c20"),
    ("text", "#1c1e22", "#e7e9ec"),
    ("muted", "#5f656e", "#9ba2ac"),
    ("line", "#dfe0e4", "#31363d"),
    ("grid", "#ecedf0", "#262a30"),
    ("hover", "#f1f3f6", "#21252b"),
    ("accent", "#1f5fa8", "#74aef2"),
    ("ok", "#1d7a4c", "#5fcb98"),
    ("warn", "#946200", "#e3b94f"),
    ("bad", "#b3261e", "#f28b82"),
    // Series, in the order of use; told apart by readers who confuse red and green, too.
    ("c1", "#2166ac", "#6cacf3"),
    ("c2", "#c4560f", "#f3935a"),
    ("c3", "#1c8a63", "#58c99d"),
    ("c4", "#8a4baf", "#c596ea"),
    ("c5", "#a87900", "#e2bb4e"),
    ("c6", "#0d8799", "#57c6d6"),
    ("c7", "#bd3768", "#f384ab"),
    ("c8", "#6a6f77", "#a5abb4"),
    // Values below and above the middle of a scale.
    ("low", "#c4560f", "#f3935a"),
    ("high", "#2166ac", "#6cacf3"),
];

/// How many series have a colour of their own.
pub const SERIES: usize = 8;

/// The rules that define the colours: by the reader's system, or by the page's switch, and light on paper.
pub fn css() -> String {
    let values = |dark: bool| {
        COLOURS.iter().fold(String::new(), |mut css, (name, day, night)| {
            let _ = write!(css, "--{name}:{};", if dark { night } else { day });
            css
        })
    };
    let (light, dark) = (values(false), values(true));
    let mut css = format!(
        ":root{{color-scheme:light;{light}}}\
         @media screen and (prefers-color-scheme:dark){{:root:not([data-theme=light]){{color-scheme:dark;{dark}}}}}\
         @media screen{{:root[data-theme=dark]{{color-scheme:dark;{dark}}}}}\n"
    );
    for series in 1..=SERIES {
        let _ = write!(css, ".c{series}{{color:var(--c{series})}}");
    }
    css
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Relative luminance as WCAG 2.2 defines it.
    fn luminance(colour: &str) -> f64 {
        let channel = |place: usize| {
            let value = f64::from(u8::from_str_radix(&colour[place..place + 2], 16).unwrap()) / 255.0;
            if value <= 0.040_45 {
                value / 12.92
            } else {
                ((value + 0.055) / 1.055).powf(2.4)
            }
        };
        0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5)
    }

    #[test]
    fn text_and_lines_stand_out() {
        let of = |name: &str| COLOURS.iter().find(|colour| colour.0 == name).unwrap();
        let contrast = |a: &str, b: &str| {
            let (a, b) = (luminance(a), luminance(b));
            (a.max(b) + 0.05) / (a.min(b) + 0.05)
        };
        for (names, least) in [
            (&["text", "muted", "accent", "ok", "warn", "bad"][..], 4.5),
            (&["c1", "c2", "c3", "c4", "c5", "c6", "c7", "c8"][..], 3.0),
        ] {
            for name in names {
                for ground in ["bg", "surface"] {
                    let (front, back) = (of(name), of(ground));
                    let (day, night) = (contrast(front.1, back.1), contrast(front.2, back.2));
                    assert!(
                        day >= least && night >= least,
                        "{name} on {ground}: {day} {night}"
                    );
                }
            }
        }
    }
}
