package verifier

import "github.com/openreferendum/referendum/record"

// afterwards are the checks of what the record says of all stations together.
var afterwards = []string{"V23", "V24", "V25", "V26", "V27", "V28"}

// A Part says what was asked for where not the whole record was.
type Part struct {
	Area  string `json:"area"`  // a station or district of the manifest
	Holds bool   `json:"holds"` // every check that could be asked of it passed
}

// choosePart finds the stations of the part that was asked for.
func (v *verification) choosePart() {
	if v.o.Part == "" {
		return
	}
	v.r.Part, v.part = &Part{Area: v.o.Part}, map[string]bool{}
	for _, id := range v.e.Manifest.StationsIn(v.o.Part) {
		v.part[id] = true
	}
	if len(v.part) == 0 {
		v.t.fail("V10", record.ManifestFile, "the manifest has no station and no district %q", v.o.Part)
	}
	v.t.notAsked(afterwards...)
}

// wanted reports whether a station is of the part that was asked for.
func (v *verification) wanted(id string) bool { return v.part == nil || v.part[id] }

// asked reports whether a file is: all are but those of other stations.
func (v *verification) asked(path string) bool {
	parts := below(path)
	if len(parts) < 3 || parts[0] != record.StationsDir {
		return true
	}
	return v.wanted(parts[1])
}
