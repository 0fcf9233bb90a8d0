package cec

import (
	"bytes"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"
)

func county(t testing.TB) (fs.FS, *Data) {
	t.Helper()
	fsys, err := fs.Sub(Lienchiang, "data")
	if err != nil {
		t.Fatal(err)
	}
	d, err := Read(fsys)
	if err != nil {
		t.Fatal(err)
	}
	return fsys, d
}

// tampered returns the county's files with one replacement in case 18's.
func tampered(t testing.TB, old, new string) fs.FS {
	t.Helper()
	fsys, _ := county(t)
	m := fstest.MapFS{}
	names, err := fs.Glob(fsys, "*.csv")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		b, err := fs.ReadFile(fsys, name)
		if err != nil {
			t.Fatal(err)
		}
		if name == "rfprof-18.csv" {
			if !bytes.Contains(b, []byte(old)) {
				t.Fatalf("%q is not in the file", old)
			}
			b = bytes.Replace(b, []byte(old), []byte(new), 1)
		}
		m[name] = &fstest.MapFile{Data: b}
	}
	return m
}

func TestContradictionsAreNamed(t *testing.T) {
	fsys, _ := county(t)
	b, err := fs.ReadFile(fsys, "rfprof-18.csv")
	if err != nil {
		t.Fatal(err)
	}
	last := string(b[bytes.LastIndex(b[:len(b)-1], []byte("\n"))+1:]) // station 09007-040-0003-0010
	fields := strings.Split(strings.TrimSpace(last), ",")
	with := func(column int, value string) string {
		f := append([]string(nil), fields...)
		f[column] = `"` + value + `"`
		return strings.Join(f, ",") + "\n"
	}
	for name, test := range map[string]struct{ row, why string }{
		"negative":         {with(7, "-1"), "no count"},
		"not a number":     {with(7, "x"), "no count"},
		"leading zero":     {with(7, "01"), "no count"},
		"valid":            {with(6, "9"), "valid, but"},
		"papers":           {with(10, "9"), "papers, but"},
		"more than voters": {with(11, "3"), "papers of 3 voters"},
		"percentage":       {with(13, "99.99"), "percentages"},
		"code":             {with(5, "10"), "is not 4 digits"},
		"twice":            {last + last, "already"},
		"absent":           {"", "is in 3 of 4 cases"},
	} {
		d, err := Read(tampered(t, last, test.row))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		found := false
		for _, p := range d.Problems {
			found = found || strings.Contains(p.Why, test.why)
		}
		if !found {
			t.Errorf("%s: %q is not among the problems %v", name, test.why, d.Problems)
		}
		places, leftOut, err := d.Select("連江縣")
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if name != "code" && (len(places) != 9 || len(leftOut) != 1 || leftOut[0] != "09007-040-0003-0010") {
			t.Errorf("%s: %d stations used, left out are %v", name, len(places), leftOut)
		}
	}
}

func TestUnreadableFiles(t *testing.T) {
	for name, fsys := range map[string]fs.FS{
		"empty folder":   fstest.MapFS{},
		"no profile":     fstest.MapFS{"rfarea.csv": {Data: []byte(strings.Join(areaHeader, ",") + "\n")}},
		"other columns":  tampered(t, `"agree_ticket"`, `"yes_ticket"`),
		"missing column": tampered(t, `,"disagree_ticket"`, ``),
		"quote":          tampered(t, `"09","007"`, `"09"x,"007"`),
	} {
		if _, err := Read(fsys); err == nil {
			t.Errorf("%s: read", name)
		}
	}
}

func TestCounty(t *testing.T) {
	_, d := county(t)
	if len(d.Problems) != 0 {
		t.Fatalf("problems: %v", d.Problems)
	}
	for _, area := range []string{"", "tw", "09007", "連江縣"} {
		places, leftOut, err := d.Select(area)
		if err != nil || len(places) != 10 || len(leftOut) != 0 {
			t.Fatalf("%q: %d stations, left out %v, %v", area, len(places), leftOut, err)
		}
		var voters, papers uint64
		for _, p := range places {
			voters, papers = voters+p.Votable, papers+p.Results[0].Votes
		}
		if voters != 11673 || papers != 3118 {
			t.Errorf("%q: %d voters, %d papers", area, voters, papers)
		}
	}
	for area, n := range map[string]int{"連江縣 南竿鄉": 5, "南竿鄉 介壽村": 2, "09007-010-0001": 2, "09007-040-0003-0010": 1} {
		if places, _, err := d.Select(area); err != nil || len(places) != n {
			t.Errorf("%q: %d stations, %v", area, len(places), err)
		}
	}
	if _, _, err := d.Select("臺北市"); err == nil {
		t.Error("an area that is not there was found")
	}
}

// TestWriteReproducesTheFile sums stations up again and compares with the
// published file, byte for byte.
func TestWriteReproducesTheFile(t *testing.T) {
	fsys, d := county(t)
	for _, c := range d.Cases {
		var stations []Row
		known := map[Code]uint64{}
		for _, r := range c.Rows {
			known[r.Code] = r.Population
			if r.Station != "0000" {
				stations = append(stations, r)
			}
		}
		root, err := d.Find("連江縣")
		if err != nil {
			t.Fatal(err)
		}
		if all := Sums(stations, Code{"00", "000", "00", "000", "0000", "0000"}, known); all[0].ID() != "tw" {
			t.Fatalf("first row is %s", all[0].ID())
		}
		var b bytes.Buffer
		if err := WriteProfile(&b, Sums(stations, root, known)); err != nil {
			t.Fatal(err)
		}
		want, err := fs.ReadFile(fsys, "rfprof-"+number(uint64(c.Number))+".csv")
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(b.Bytes(), want) {
			t.Errorf("case %d: other bytes than the published file", c.Number)
		}
	}
}

func TestPercent(t *testing.T) {
	for _, test := range []struct {
		a, b uint64
		want string
	}{{1, 0, "0.00"}, {0, 7, "0.00"}, {1, 8, "12.50"}, {1, 16, "6.25"}, {1, 32, "3.13"}, {1, 3, "33.33"}, {2, 3, "66.67"}, {7, 7, "100.00"}, {1, 100000, "0.00"}, {5, 100000, "0.01"}} {
		if got := Percent(test.a, test.b); got != test.want {
			t.Errorf("Percent(%d, %d) = %s, want %s", test.a, test.b, got, test.want)
		}
	}
}

func FuzzRead(f *testing.F) {
	fsys, _ := county(f)
	areas, err := fs.ReadFile(fsys, "rfarea.csv")
	if err != nil {
		f.Fatal(err)
	}
	rows, err := fs.ReadFile(fsys, "rfprof-17.csv")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(areas, rows)
	f.Add([]byte{}, []byte("\ufeff"))
	f.Fuzz(func(t *testing.T, areas, rows []byte) {
		d, err := Read(fstest.MapFS{"rfarea.csv": {Data: areas}, "rfprof-1.csv": {Data: rows}})
		if err != nil {
			return
		}
		places, _, err := d.Select("")
		if err != nil {
			return
		}
		for _, p := range places {
			c := p.Results[0]
			if c.Votes > p.Votable || c.Valid+c.Invalid != c.Votes {
				t.Errorf("station %s was not left out", p.ID())
			}
		}
	})
}
