package gallerytest

import (
	"fmt"
	"image"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	kioskui "github.com/openreferendum/referendum/kiosk-ui"
	"github.com/openreferendum/referendum/kiosk-ui/screen"
)

const (
	docs    = "../../docs"
	derived = "testdata/derived.txt" // what each picture in docs was made from
)

// A made picture is one in docs, with the scenes that are in it.
type made struct {
	file     string // from docs
	language string
	scenes   []Scene
	draw     func(frames []Frame) (image.Image, error)
	width    int // of each scene's picture
}

// inputs is a digest of all that the picture shows.
func (m made) inputs(t *testing.T, a *artist, c *kioskui.Checker) string {
	t.Helper()
	var b strings.Builder
	for _, s := range m.scenes {
		p := normal(s, m.language)
		fmt.Fprintf(&b, "%s %s %d\n", p, sum(c.Outline(a.screen(p), p.size())), m.width)
	}
	return sum([]byte(b.String()))
}

// normal is a scene as most voters see it, on the smaller display.
func normal(s Scene, language string) Picture {
	return Picture{s, language, displays[0][0], displays[0][1], screen.Look{}}
}

// sheets are the reviewers' contact sheets: one for each party and language.
func sheets() []made {
	var all []made
	parties := map[string][]Scene{"voter": complete(voterScenes()), "workers": complete(workersScenes())}
	for _, party := range []string{"voter", "workers"} {
		for _, l := range languages {
			all = append(all, made{file: "screens/" + party + "." + l + ".png", language: l, scenes: parties[party], draw: sheet, width: thumb})
		}
	}
	return all
}

func sheet(frames []Frame) (image.Image, error) { return Sheet(frames) }

// manuals are the operators' manual's languages, and their files.
var manuals = map[string]string{"en": "operators/manual.md", "zh-Hant": "operators/manual.zh-Hant.md"}

var pictured = regexp.MustCompile(`!\[([^\]]+)\]\(images/([a-z0-9-]+)\.([A-Za-z-]+)\.png\)`)

// screenshots are those that the manual shows.
func screenshots(t *testing.T) []made {
	t.Helper()
	byName := map[string]Scene{}
	for _, s := range Scenes() {
		byName[s.Name] = s
	}
	var all []made
	for language, file := range manuals {
		for _, m := range pictured.FindAllStringSubmatch(readDoc(t, file), -1) {
			s, known := byName[m[2]]
			if !known {
				t.Errorf("%s shows %q, which is no scene", file, m[2])
				continue
			}
			if m[3] != language {
				t.Errorf("%s shows %s in %s", file, m[2], m[3])
			}
			all = append(all, made{file: "operators/images/" + m[2] + "." + m[3] + ".png", language: m[3], scenes: []Scene{s}, draw: single, width: 640})
		}
	}
	slices.SortFunc(all, func(a, b made) int { return strings.Compare(a.file, b.file) })
	return slices.CompactFunc(all, func(a, b made) bool { return a.file == b.file })
}

func single(frames []Frame) (image.Image, error) { return paletted(frames[0].Image, 24), nil }

func readDoc(t *testing.T, file string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(docs, file))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// TestPicturesInDocs: the contact sheets and the manual's pictures are there,
// are those that were made, and show what the screens are now; and there are no
// others.
func TestPicturesInDocs(t *testing.T) {
	a, c, lines := newArtist(t), kioskui.NewChecker(), map[string]string{}
	all := append(sheets(), screenshots(t)...)
	var before map[string]string
	if b, err := os.ReadFile(derived); err == nil {
		before = readDerived(t, string(b))
	} else if !*update {
		t.Fatal(err)
	}
	for _, m := range all {
		now := m.inputs(t, a, c)
		if b, err := os.ReadFile(filepath.Join(docs, m.file)); err == nil && before[m.file] == now+" "+sum(b) {
			lines[m.file] = before[m.file]
			continue
		}
		if !*update {
			t.Errorf("docs/%s is not what the screens look like now", m.file)
			continue
		}
		lines[m.file] = now + " " + sum(m.make(t, a))
	}
	if *update {
		writeDerived(t, lines)
	}
	onlyMade(t, "screens", all)
	onlyMade(t, "operators/images", all)
}

func (m made) make(t *testing.T, a *artist) []byte {
	t.Helper()
	var frames []Frame
	for _, s := range m.scenes {
		frames = append(frames, Frame{s.Name, shrink(a.draw(normal(s, m.language)), m.width)})
	}
	picture, err := m.draw(frames)
	if err != nil {
		t.Fatal(err)
	}
	return writePNG(t, filepath.Join(docs, m.file), picture)
}

// onlyMade refuses pictures that nothing makes.
func onlyMade(t *testing.T, folder string, all []made) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(docs, folder, "*.png"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		name := folder + "/" + filepath.Base(f)
		if !slices.ContainsFunc(all, func(m made) bool { return m.file == name }) {
			if *update {
				if err := os.Remove(f); err != nil {
					t.Fatal(err)
				}
				continue
			}
			t.Errorf("nothing shows docs/%s", name)
		}
	}
}

func readDerived(t *testing.T, text string) map[string]string {
	t.Helper()
	lines := map[string]string{}
	for line := range strings.Lines(text) {
		if file, digests, found := strings.Cut(strings.TrimSpace(line), ": "); found && !strings.HasPrefix(line, "#") {
			lines[file] = digests
		}
	}
	return lines
}

func writeDerived(t *testing.T, lines map[string]string) {
	t.Helper()
	var files []string
	for f := range lines {
		files = append(files, f)
	}
	slices.Sort(files)
	var b strings.Builder
	b.WriteString("# Pictures in docs: digest of the screens in it, and of the file. Written by go test ./kiosk-ui/gallerytest -update.\n")
	for _, f := range files {
		fmt.Fprintf(&b, "%s: %s\n", f, lines[f])
	}
	writeFile(t, derived, []byte(b.String()))
}
