package printer

import (
	"flag"
	"os"
	"testing"

	"github.com/openreferendum/referendum/hardware/printer/printertest"
)

// TestMain runs more tests at a time than there are processors: most of them wait
// for a printer that does not answer.
func TestMain(m *testing.M) {
	flag.Parse()
	if err := flag.Set("test.parallel", "32"); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}

func TestPages(t *testing.T) {
	for _, way := range []string{overPTY, overFile, overPair} {
		for _, confirm := range []Confirm{ProcessID, PaperSensor} {
			t.Run(way+", "+string(confirm), func(t *testing.T) {
				t.Parallel()
				r := newRig(t, way, quick(confirm), printertest.Config{})
				for i, rows := range []int{1, 7, 128, 129, 600} {
					if err := r.print(page(i, rows), Cut); err != nil {
						t.Fatalf("%d rows: %v", rows, err)
					}
				}
				if n := len(r.e.Pieces()); n != 5 {
					t.Errorf("%d pieces, want 5", n)
				}
				if u := r.e.Unknown(); len(u) > 0 {
					t.Errorf("the printer does not know %q", u)
				}
			})
		}
	}
}
