package cec

import (
	"fmt"
	"strings"
)

// A Code is the key of a row: an area, or a station where Station is not
// "0000". Zeros mean that the row sums over it.
type Code struct {
	Province, City, Area, Town, Village, Station string
}

// ID returns an identifier for manifests: "09007-010-0001-0001", shorter for
// areas that contain others; "tw" for the nation.
func (c Code) ID() string {
	switch {
	case c.Province == "00":
		return "tw"
	case c.Town == "000":
		return c.Province + c.City
	case c.Village == "0000":
		return c.Province + c.City + "-" + c.Town
	case c.Station == "0000":
		return c.Province + c.City + "-" + c.Town + "-" + c.Village
	}
	return c.Province + c.City + "-" + c.Town + "-" + c.Village + "-" + c.Station
}

// Parent returns the code of the area around it; the nation has none.
func (c Code) Parent() (Code, bool) {
	switch {
	case c.Province == "00":
		return Code{}, false
	case c.Station != "0000":
		c.Station = "0000"
	case c.Village != "0000":
		c.Village = "0000"
	case c.Town != "000":
		c.Town = "000"
	default:
		return Code{"00", "000", "00", "000", "0000", "0000"}, true
	}
	return c, true
}

// County returns the code of the county or city that c lies in.
func (c Code) County() Code {
	return Code{c.Province, c.City, "00", "000", "0000", "0000"}
}

// Around returns the smallest area that holds both, or the station if they are
// the same one.
func Around(a, b Code) Code {
	for !b.within(a) {
		a, _ = a.Parent()
	}
	return a
}

func (c Code) check() string {
	for i, s := range []string{c.Province, c.City, c.Area, c.Town, c.Village, c.Station} {
		if len(s) != codeWidths[i] || strings.Trim(s, "0123456789") != "" {
			return fmt.Sprintf("code %q is not %d digits", s, codeWidths[i])
		}
	}
	return ""
}

func (c Code) area() Code {
	c.Station = "0000"
	return c
}
