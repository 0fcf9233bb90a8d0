// Package typeface is the font of paper and screen: a subset of Noto Sans CJK
// TC (SIL Open Font License 1.1, OFL.txt), so that every machine draws the same
// and none shows boxes. docs/adr/0010-one-raster-for-paper.md says what is in
// it.
package typeface

import (
	_ "embed" // the font is part of the program
)

//go:embed NotoSansCJKtc-Regular.subset.otf
var regular []byte

// Regular returns the font as an OpenType file. It must not be changed.
func Regular() []byte { return regular }
