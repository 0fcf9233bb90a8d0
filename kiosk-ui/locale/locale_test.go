package locale

import (
	"bytes"
	"encoding/json"
	"regexp"
	"slices"
	"testing"
	"testing/fstest"

	"github.com/openreferendum/referendum/station/slip/raster"
)

// read returns a language's messages as they stand in its file. One that stands
// twice is an error.
func read(t *testing.T, tag string) map[string]string {
	t.Helper()
	b, err := files.ReadFile(tag + ".json")
	if err != nil {
		t.Fatal(err)
	}
	var all map[string]string
	if err := json.Unmarshal(b, &all); err != nil {
		t.Fatalf("%s: %v", tag, err)
	}
	if n := bytes.Count(b, []byte("\n  \"")); n != len(all) {
		t.Errorf("%s: %d lines of %d messages: one stands twice", tag, n, len(all))
	}
	return all
}

func book(t *testing.T) *Book {
	t.Helper()
	b, err := Open()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestBadFiles(t *testing.T) {
	for name, files := range map[string]fstest.MapFS{
		"no JSON":        {"en.json": {Data: []byte(`{"language":`)}},
		"no language":    {"12345678901.json": {Data: []byte(`{"language": "?"}`)}},
		"no messages":    {"en.json": {Data: []byte(`{"language": 7}`)}},
		"unknown action": {"en.json": {Data: []byte(`{"language": "{{.N"}`)}},
	} {
		b, err := open(files)
		if err == nil && b.Say("en", "language", Args{"N": 1}) != "language" {
			t.Errorf("%s: taken", name)
		}
	}
}

func TestNobodysMessage(t *testing.T) {
	b := book(t)
	if got := b.Say("en", "there-is-none", nil); got != "there-is-none" || b.Has("there-is-none") {
		t.Errorf("a message that nobody has is %q", got)
	}
}

// TestLanguagesAreComplete holds every file against the first: the same
// messages, with the same places in them.
func TestLanguagesAreComplete(t *testing.T) {
	places := regexp.MustCompile(`\{\{\.\w+\}\}`)
	english := read(t, Fallback)
	tags := book(t).Languages()
	if len(tags) < 3 {
		t.Fatalf("languages: %q", tags)
	}
	for _, tag := range tags {
		words := read(t, tag)
		for id, message := range english {
			got, there := words[id]
			a, b := places.FindAllString(message, -1), places.FindAllString(got, -1)
			slices.Sort(a)
			slices.Sort(b)
			if !there || got == "" || !slices.Equal(a, b) {
				t.Errorf("%s: %s is %q, in English %q", tag, id, got, message)
			}
		}
		for id := range words {
			if _, there := english[id]; !there {
				t.Errorf("%s: %s is not in English", tag, id)
			}
		}
	}
}

// TestFontHasAllWords: no machine shows boxes.
func TestFontHasAllWords(t *testing.T) {
	for _, tag := range book(t).Languages() {
		for id, message := range read(t, tag) {
			if missing := raster.Missing(message); len(missing) > 0 {
				t.Errorf("%s: %s: the font lacks %q", tag, id, missing)
			}
		}
	}
}

// TestAddingALanguage is adding a file.
func TestAddingALanguage(t *testing.T) {
	b, err := open(fstest.MapFS{
		"en.json":              {Data: []byte(`{"language": "English", "tries": "{{.N}} tries"}`)},
		"zh-Hant.json":         {Data: []byte(`{"language": "繁體中文"}`)},
		"zh-Hant-x-hakka.json": {Data: []byte(`{"language": "客語"}`)},
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := b.Languages(); !slices.Equal(got, []string{"en", "zh-Hant", "zh-Hant-x-hakka"}) {
		t.Errorf("languages: %q", got)
	}
	if got := b.Say("zh-Hant-x-hakka", "language", nil); got != "客語" {
		t.Errorf("its name is %q", got)
	}
	if got := b.Say("zh-Hant-x-hakka", "tries", Args{"N": 2}); got != "2 tries" {
		t.Errorf("a message that it lacks is %q", got)
	}
}

// TestFind: a manifest may name a language by its country.
func TestFind(t *testing.T) {
	b := book(t)
	for tag, want := range map[string]string{"zh-Hant": "zh-Hant", "zh-TW": "zh-Hant", "zh-HK": "zh-Hant", "en-GB": "en", "id-ID": "id", "ja": "", "zh-Hans": "", "": "", "!": "", "x": ""} {
		got, found := b.Find(tag)
		if found != (want != "") || found && got != want {
			t.Errorf("%q: %q, %v", tag, got, found)
		}
		if name := b.Say(tag, "language", nil); found && name != b.Say(want, "language", nil) {
			t.Errorf("%q is called %q", tag, name)
		}
	}
}
