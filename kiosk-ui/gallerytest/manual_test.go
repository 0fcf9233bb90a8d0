package gallerytest

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/openreferendum/referendum/internal/kiosk"
	"github.com/openreferendum/referendum/kiosk-ui/flow"
	"github.com/openreferendum/referendum/kiosk-ui/locale"
)

const (
	messagesBegin = "<!-- messages -->\n"
	messagesEnd   = "<!-- end of messages -->\n"
)

// TestManualMessages holds the manual's table of messages in step with the
// words of the screens.
func TestManualMessages(t *testing.T) {
	words := openBook(t)
	for language, file := range manuals {
		head, rest, begins := strings.Cut(readDoc(t, file), messagesBegin)
		old, foot, ends := strings.Cut(rest, messagesEnd)
		if !begins || !ends {
			t.Errorf("docs/%s has no place for the messages", file)
			continue
		}
		now := messages(words, language)
		if *update && old != now {
			writeFile(t, filepath.Join(docs, file), []byte(head+messagesBegin+now+messagesEnd+foot))
		} else if old != now {
			t.Errorf("docs/%s is not in step with the words: go test ./kiosk-ui/gallerytest -update rewrites its table", file)
		}
		for _, code := range kiosk.Codes() {
			if !strings.Contains(now, "`"+code+"`") {
				t.Errorf("docs/%s says nothing of %s", file, code)
			}
		}
	}
}

// messages is the table of all that a station can tell poll workers.
func messages(words *locale.Book, language string) string {
	head := map[string]string{"en": "| the screen says | do this | for technicians |", "zh-Hant": "| 畫面顯示 | 請這樣做 | 技術人員用 |"}
	var b strings.Builder
	b.WriteString(head[language] + "\n|---|---|---|\n")
	for _, code := range flow.NoticeCodes() {
		args := locale.Args{"switch": "…", "how": "…", "number": "…"}
		say := func(which string) string {
			return strings.ReplaceAll(words.Say(language, "notice."+code+"."+which, args), "\n", "<br>")
		}
		fmt.Fprintf(&b, "| %s | %s | `%s` |\n", say("what"), say("do"), code)
	}
	return b.String()
}

var headings = regexp.MustCompile(`(?m)^(#+) ?([0-9.]*)`)

// TestManuals: both languages have the same sections and show the same pictures
// in them.
func TestManuals(t *testing.T) {
	outline := func(language string) []string {
		var all []string
		for line := range strings.Lines(readDoc(t, manuals[language])) {
			if m := headings.FindStringSubmatch(line); m != nil {
				all = append(all, m[1]+" "+m[2])
			}
			for _, m := range pictured.FindAllStringSubmatch(line, -1) {
				all = append(all, m[2])
			}
		}
		return all
	}
	en, zh := outline("en"), outline("zh-Hant")
	if len(en) < 50 {
		t.Errorf("the manual has only %d sections and pictures", len(en))
	}
	if !slices.Equal(en, zh) {
		t.Errorf("the manual's languages differ:\n%q\n%q", en, zh)
	}
}

// Words in these quotation marks are what somebody sees on a screen.
var quoted = map[string]*regexp.Regexp{"en": regexp.MustCompile(`(?:^|[^*])\*([^*\n]+)\*(?:[^*]|$)`), "zh-Hant": regexp.MustCompile(`「([^」]+)」`)}

// TestManualQuotes: what the manual says that a screen says, a screen says.
func TestManualQuotes(t *testing.T) {
	words := openBook(t)
	for language, file := range manuals {
		var all strings.Builder
		for _, s := range append(Scenes(), Notices()...) {
			for _, w := range shownWords(playIn(t, words, s, language)) {
				all.WriteString(strings.ToLower(w) + "\n")
			}
		}
		text, _, _ := strings.Cut(readDoc(t, file), messagesBegin)
		found := 0
		for _, m := range quoted[language].FindAllStringSubmatch(text, -1) {
			if found++; !strings.Contains(all.String(), strings.ToLower(strings.TrimSuffix(m[1], "."))) && !ownTerms[m[1]] {
				t.Errorf("docs/%s says %q, which no screen says", file, m[1])
			}
		}
		if found < 20 {
			t.Errorf("docs/%s quotes only %d words of screens", file, found)
		}
	}
}

// ownTerms stand in italics because the manual explains them.
var ownTerms = map[string]bool{"slip": true, "Your": true}

// TestScreensDescribed: every sheet is in the page for reviewers.
func TestScreensDescribed(t *testing.T) {
	b, err := os.ReadFile(filepath.Join(docs, "screens/README.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range sheets() {
		if !strings.Contains(string(b), "("+filepath.Base(m.file)+")") {
			t.Errorf("docs/screens/README.md does not show %s", m.file)
		}
	}
}
