package verifier_test

import (
	"bytes"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/openreferendum/referendum/record"
	"github.com/openreferendum/referendum/verifier"
)

// TestWhatDependsOnWhat holds rows of the table in docs/verification.md that no
// record of the corpus can show: what does not run, and what goes on.
func TestWhatDependsOnWhat(t *testing.T) {
	begin := func(files fstest.MapFS, name string, with []byte) {
		b := bytes.Clone(files[name].Data)
		copy(b, with)
		files[name] = &fstest.MapFile{Data: b}
	}
	noElement := append([]byte{1}, make([]byte, 31)...) // negative in no encoding
	for _, test := range []struct {
		name   string
		change func(files fstest.MapFS)
		failed []string // beside V04, whose inventory is nobody's to sign
		notRun string
	}{
		{
			"an empty folder in a station", func(files fstest.MapFS) {
				files["stations/a-1/early"] = &fstest.MapFile{Mode: fs.ModeDir | 0o755}
			},
			[]string{"V03 stations/a-1/early"}, "",
		},
		{
			"a closing statement that cannot be read", func(files fstest.MapFS) {
				begin(files, "stations/a-1/closing.json", []byte("["))
			},
			[]string{"V11 station a-1"}, "V12 V13 V20 V21 V22",
		},
		{
			"a commitment that cannot be read", func(files fstest.MapFS) {
				begin(files, record.CommitmentFile(2), []byte("["))
			},
			[]string{"V06 trustee 2"}, "V07 V08 V09",
		},
		{
			"ballots of two stations that do not decode and begin alike", func(files fstest.MapFS) {
				begin(files, "stations/a-1/ballots", noElement)
				begin(files, "stations/b-1/ballots", noElement)
			},
			[]string{
				"V16 station a-1", "V16 station b-1", "V17 station a-1, ballot 1", "V17 station b-1, ballot 1",
				"V19 station b-1, ballot 1", "V24 aggregates.json",
			}, "",
		},
		{
			"challenged ballots that V20 refuses and that begin as others", func(files fstest.MapFS) {
				begin(files, "stations/a-2/challenged", files["stations/a-1/ballots"].Data[:32])
			},
			[]string{"V20 station a-2"}, "V21 V22",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			files := readFiles(t, testdata+"/valid/county")
			test.change(files)
			r := verifier.Verify(files, verifier.Options{Workers: 2})
			var failed, notRun []string
			for _, f := range r.Failures {
				if at := f.Check + " " + f.Where; f.Check != "V04" && f.Check != "V15" && !slices.Contains(failed, at) {
					failed = append(failed, at) // a changed ballot has another code, and may stand elsewhere (V15)
				}
			}
			for _, c := range r.Checks {
				if c.Status == verifier.NotRun {
					notRun = append(notRun, c.ID)
				}
			}
			if !slices.Equal(failed, test.failed) || strings.Join(notRun, " ") != test.notRun {
				t.Errorf("failed %q, not run %q", failed, notRun)
			}
		})
	}
}
