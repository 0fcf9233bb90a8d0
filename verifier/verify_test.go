package verifier_test

import (
	"io/fs"
	"maps"
	"reflect"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/openreferendum/referendum/record"
	"github.com/openreferendum/referendum/verifier"
)

// statuses returns the status of every check.
func statuses(r *verifier.Report) map[string]string {
	got := map[string]string{}
	for _, c := range r.Checks {
		got[c.ID] = c.Status
	}
	return got
}

// without is the county's record without the files that drop names.
func without(t *testing.T, drop func(name string) bool) fstest.MapFS {
	files := readFiles(t, testdata+"/valid/county")
	for name := range files {
		if drop(name) {
			delete(files, name)
		}
	}
	return files
}

// TestNothingThere: checks that have nothing to look at never pass because of
// it.
func TestNothingThere(t *testing.T) {
	for _, test := range []struct {
		name   string
		files  fstest.MapFS
		failed string
		notRun string
	}{
		{
			"nothing", fstest.MapFS{}, "V01",
			"V02 V03 V04 V05 V06 V07 V08 V09 V10 V11 V12 V13 V14 V15 V16 V17 V18 V19 V20 V21 V22 V23 V24 V25 V26 V27 V28",
		},
		{
			"no folder of stations", without(t, func(name string) bool { return strings.HasPrefix(name, "stations/") }),
			"V04 V10 V23 V24 V27", "V11 V12 V13 V14 V15 V16 V17 V18 V19 V20 V21 V22 V28",
		},
		{
			"empty folder of stations", func() fstest.MapFS {
				files := without(t, func(name string) bool { return strings.HasPrefix(name, "stations/") })
				files["stations"] = &fstest.MapFile{Mode: fs.ModeDir | 0o755}
				return files
			}(),
			"V04 V23 V24 V27", "V10 V11 V12 V13 V14 V15 V16 V17 V18 V19 V20 V21 V22 V28",
		},
		{
			"no ceremony", without(t, func(name string) bool { return strings.HasPrefix(name, "ceremony/") }),
			"V03 V04 V05 V06 V07", "V08 V09",
		},
		{
			"no sums", without(t, func(name string) bool { return name == record.AggregatesFile }),
			"V03 V04 V23", "V24 V25 V26 V27 V28",
		},
		{
			"no answers and no result", without(t, func(name string) bool {
				return strings.HasPrefix(name, "decryption/") || name == record.ResultFile
			}),
			"V03 V04 V25 V27", "V26 V28",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := verifier.Verify(test.files, verifier.Options{})
			want := map[string]string{}
			for _, c := range verifier.Checks {
				want[c.ID] = verifier.Passed
			}
			for _, id := range strings.Fields(test.failed) {
				want[id] = verifier.Failed
			}
			for _, id := range strings.Fields(test.notRun) {
				want[id] = verifier.NotRun
			}
			if got := statuses(r); !maps.Equal(got, want) {
				t.Errorf("got  %v\nwant %v", got, want)
			}
			if r.OK() || r.Result != nil {
				t.Error("it verifies, or shows a result")
			}
		})
	}
}

func TestOtherElectionThanExpected(t *testing.T) {
	files := readFiles(t, testdata+"/valid/hamlet")
	own := verifier.Verify(files, verifier.Options{}).Election
	if r := verifier.Verify(files, verifier.Options{Election: &own}); !r.OK() {
		t.Errorf("%+v", r.Failures)
	}
	r := verifier.Verify(files, verifier.Options{Election: &record.Hash{1}})
	if got := statuses(r); r.OK() || got["V02"] != verifier.Failed || got["V03"] != verifier.Passed {
		t.Errorf("%+v", r)
	}
}

// TestWorkersAgree: the report does not depend on how many work at it.
func TestWorkersAgree(t *testing.T) {
	for _, name := range []string{"ballots-in-order-of-time", "seed-twice-in-record", "truncated-ballots"} {
		var c corrupted
		readJSON(t, testdata+"/corrupt/"+name+"/case.json", &c)
		files := c.lay(t, name)
		one := verifier.Verify(files, verifier.Options{Workers: 1})
		if many := verifier.Verify(files, verifier.Options{Workers: 8}); !reflect.DeepEqual(one, many) {
			t.Errorf("%s: one worker reports\n%+v\neight\n%+v", name, one, many)
		}
	}
}

// TestProgress counts every ballot once, up to the total.
func TestProgress(t *testing.T) {
	var last, total int64
	calls := 0
	r := verifier.Verify(readFiles(t, testdata+"/valid/county"), verifier.Options{Workers: 3, Progress: func(done, of int64) {
		calls++
		last, total = max(last, done), of
	}})
	if last != 10 || total != 10 || calls != 10 || r.Ballots != 10 {
		t.Errorf("%d of %d in %d calls, %d ballots", last, total, calls, r.Ballots)
	}
}
