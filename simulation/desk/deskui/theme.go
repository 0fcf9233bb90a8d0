package deskui

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"

	"github.com/openreferendum/referendum/internal/typeface"
)

// face is Fyne's theme in the kiosk's font, smaller.
type face struct {
	fyne.Theme
	font fyne.Resource
}

// Theme returns the theme of the devices' window: Chinese is drawn as on the
// kiosk.
func Theme() fyne.Theme {
	return face{theme.DefaultTheme(), fyne.NewStaticResource("regular.otf", typeface.Regular())}
}

// Font returns the one font there is, for every style.
func (f face) Font(s fyne.TextStyle) fyne.Resource {
	if s.Symbol {
		return f.Theme.Font(s)
	}
	return f.font
}

// Color is that of paper and daylight, whatever the system prefers.
func (f face) Color(n fyne.ThemeColorName, _ fyne.ThemeVariant) color.Color {
	switch n {
	case theme.ColorNameForeground:
		return color.Gray{0x10}
	case theme.ColorNameDisabled:
		return color.Gray{0x80}
	case theme.ColorNameButton:
		return color.NRGBA{0xDC, 0xE6, 0xF0, 0xFF}
	case theme.ColorNameInputBackground:
		return color.Gray{0xB8}
	case theme.ColorNamePrimary:
		return color.NRGBA{0x0B, 0x4F, 0x9E, 0xFF}
	}
	return f.Theme.Color(n, theme.VariantLight)
}

// Size keeps everything small: the devices are many.
func (f face) Size(n fyne.ThemeSizeName) float32 {
	switch n {
	case theme.SizeNameText:
		return 13
	case theme.SizeNamePadding:
		return 3
	case theme.SizeNameInnerPadding:
		return 4
	case theme.SizeNameInlineIcon:
		return 16
	}
	return f.Theme.Size(n)
}
