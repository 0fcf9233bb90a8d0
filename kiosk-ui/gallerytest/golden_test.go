package gallerytest

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"flag"
	"fmt"
	"image"
	"image/png"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	kioskui "github.com/openreferendum/referendum/kiosk-ui"
	"github.com/openreferendum/referendum/kiosk-ui/locale"
	"github.com/openreferendum/referendum/kiosk-ui/screen"
)

var update = flag.Bool("update", false, "write golden digests, contact sheets and the manual's pictures anew")

// TestGoldenLayout compares where everything is, what it says, its sizes and
// colours with testdata/layout.txt: every scene and every notice, in every
// language, on every display, with every look.
func TestGoldenLayout(t *testing.T) {
	t.Parallel()
	words, checker, got := openBook(t), kioskui.NewChecker(), map[string]string{}
	all := append(Scenes(), Notices()...)
	for _, s := range all {
		for _, l := range languages {
			up := playIn(t, words, s, l)
			for _, p := range picturesOf([]Scene{s}, l) {
				up.Look.Size, up.Look.Contrast = p.Look.Size, p.Look.Contrast
				got[p.String()] = sum(checker.Outline(up, p.size()))
			}
		}
	}
	want, folder := golden(t, "testdata/layout.txt", got), ""
	for _, p := range picturesOf(all, languages...) {
		if got[p.String()] == want[p.String()] {
			continue
		}
		t.Errorf("%s: the layout is not that of testdata/layout.txt", p)
		if folder == "" { // one of them is enough to see what has changed
			folder = kept(t)
			t.Logf("it looks so now: %s", keep(t, folder, p, newArtist(t).draw(p)))
		}
	}
}

func playIn(t *testing.T, words *locale.Book, s Scene, language string) screen.Screen {
	t.Helper()
	up, err := s.Screen(words, language, screen.Look{})
	if err != nil {
		t.Fatal(err)
	}
	return up
}

// TestGolden compares pictures, pixel by pixel, with testdata/pixels.txt: every
// scene once, languages, displays and looks in turn; under the race detector a
// few of them.
func TestGolden(t *testing.T) { comparePixels(t, "testdata/pixels.txt", sample()) }

// TestSoakGolden compares all pictures.
func TestSoakGolden(t *testing.T) {
	if os.Getenv("SOAK") == "" {
		t.Skip("SOAK=1 draws every picture")
	}
	if sparing {
		t.Fatal("drawing every picture takes a day under the race detector")
	}
	comparePixels(t, "testdata/soak.txt", Pictures())
}

// sample has every scene once.
func sample() []Picture {
	var some []Picture
	for i, s := range Scenes() {
		d, l := displays[i/3%len(displays)], looks()[i/6%len(looks())]
		some = append(some, Picture{s, languages[i%len(languages)], d[0], d[1], l})
	}
	return some
}

func comparePixels(t *testing.T, file string, pictures []Picture) {
	t.Helper()
	a, got := newArtist(t), map[string]string{}
	want := map[string]string{}
	if !*update {
		want = readGolden(t, file)
	}
	folder := ""
	for i, p := range pictures {
		if sparing && i%31 > 0 {
			got[p.String()] = "-"
			continue
		}
		m := a.draw(p)
		got[p.String()] = digest(m)
		if *update || want[p.String()] == got[p.String()] {
			continue
		}
		if folder == "" {
			folder = kept(t)
		}
		t.Errorf("%s does not look as in %s: %s", p, file, keep(t, folder, p, m))
	}
	golden(t, file, got)
}

// golden returns what a file of digests holds; with -update it writes it first.
// Digests of pictures that there are no more fail the test.
func golden(t *testing.T, file string, got map[string]string) map[string]string {
	t.Helper()
	if *update && sparing {
		t.Fatal("-update draws everything: without -race")
	}
	if *update {
		writeGolden(t, file, got)
	}
	want := readGolden(t, file)
	for name := range want {
		if got[name] == "" {
			t.Errorf("%s has %q, which is no picture", file, name)
		}
	}
	return want
}

// kept is a folder that outlives the test: somebody wants to look at it.
func kept(t *testing.T) string {
	t.Helper()
	folder, err := os.MkdirTemp("", "golden-")
	if err != nil {
		t.Fatal(err)
	}
	return folder
}

func keep(t *testing.T, folder string, p Picture, m image.Image) string {
	t.Helper()
	name := filepath.Join(folder, strings.ReplaceAll(p.String(), " ", "_")+".png")
	writePNG(t, name, m)
	return name
}

func writePNG(t *testing.T, name string, m image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	encoder := png.Encoder{CompressionLevel: png.BestCompression}
	if err := encoder.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	writeFile(t, name, b.Bytes())
	return b.Bytes()
}

func writeFile(t *testing.T, name string, b []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, b, 0o644); err != nil {
		t.Fatal(err)
	}
}

func readGolden(t *testing.T, file string) map[string]string {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("%v: go test ./kiosk-ui/gallerytest -update writes it", err)
	}
	lines := map[string]string{}
	var columns []string
	for s := bufio.NewScanner(bytes.NewReader(b)); s.Scan(); {
		name, rest, found := strings.Cut(s.Text(), ": ")
		switch {
		case strings.HasPrefix(s.Text(), "# columns"):
			columns = strings.Split(rest, ", ")
		case strings.HasPrefix(s.Text(), "#"):
		case !found || len(strings.Fields(rest)) > len(columns):
			t.Fatalf("%s: line %q", file, s.Text())
		default:
			for i, digest := range strings.Fields(rest) {
				if digest != "-" {
					lines[name+" "+columns[i]] = digest
				}
			}
		}
	}
	return lines
}

// writeGolden writes a line for each scene in each language, with a column for
// each display and look.
func writeGolden(t *testing.T, file string, digests map[string]string) {
	t.Helper()
	rows, columns := map[string]map[string]string{}, []string{}
	for _, d := range displays {
		for _, l := range looks() {
			columns = append(columns, strings.Join(strings.Fields(Picture{Width: d[0], Height: d[1], Look: l}.String()), " "))
		}
	}
	for name, digest := range digests {
		f := strings.Fields(name)
		row := f[0] + " " + f[1]
		if rows[row] == nil {
			rows[row] = map[string]string{}
		}
		rows[row][strings.Join(f[2:], " ")] = digest
	}
	var b strings.Builder
	b.WriteString("# SHA-256, cut short, of each picture of a scene in a language. Written by go test ./kiosk-ui/gallerytest -update.\n")
	fmt.Fprintf(&b, "# columns: %s\n", strings.Join(columns, ", "))
	for _, row := range slices.Sorted(maps.Keys(rows)) {
		b.WriteString(row + ":")
		for _, c := range columns {
			d := rows[row][c]
			if d == "" {
				d = "-"
			}
			b.WriteString(" " + d)
		}
		b.WriteString("\n")
	}
	writeFile(t, file, []byte(b.String()))
}

// sum is how a digest is written down: enough that no change is overlooked,
// which nobody wants to bring about.
func sum(b []byte) string {
	d := sha256.Sum256(b)
	return hex.EncodeToString(d[:5])
}

// TestGoldenFiles reads back what it has written.
func TestGoldenFiles(t *testing.T) {
	file := filepath.Join(t.TempDir(), "digests.txt")
	want := map[string]string{}
	for i, p := range picturesOf(Scenes()[:3], languages...) {
		if i%3 > 0 {
			want[p.String()] = sum([]byte{byte(i)})
		}
	}
	writeGolden(t, file, want)
	if got := readGolden(t, file); !maps.Equal(got, want) {
		t.Errorf("%d digests were written, %d read", len(want), len(got))
	}
}

// An artist draws pictures, one display at a time.
type artist struct {
	t      *testing.T
	words  *locale.Book
	stages map[[2]int]*Stage
}

func newArtist(t *testing.T) *artist { return &artist{t, openBook(t), map[[2]int]*Stage{}} }

func (a *artist) screen(p Picture) screen.Screen {
	a.t.Helper()
	up, err := p.Scene.Screen(a.words, p.Language, p.Look)
	if err != nil {
		a.t.Fatal(err)
	}
	return up
}

// drawing is held by who draws: Fyne does it on one goroutine at a time.
var drawing sync.Mutex

func (a *artist) draw(p Picture) image.Image {
	a.t.Helper()
	drawing.Lock()
	defer drawing.Unlock()
	at := [2]int{p.Width, p.Height}
	if a.stages[at] == nil {
		a.stages[at] = NewStage(p.Width, p.Height)
	}
	return a.stages[at].Draw(a.screen(p))
}
