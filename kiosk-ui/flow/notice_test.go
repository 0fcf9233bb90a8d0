package flow

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// TestNoticesHaveWords: each code, in each language, with values for what it
// names, and nothing of a template left.
func TestNoticesHaveWords(t *testing.T) {
	f := newWorkersFlow(t)
	english := map[string]string{}
	for _, tag := range append([]string{"en"}, f.words.Languages()...) {
		f.workers.language = tag
		for _, code := range NoticeCodes() {
			n := Notice{Code: code, Args: map[string]string{"switch": "box-door", "how": "wrong-day", "number": "3"}, Plain: "plain", Do: "do"}
			what, do := f.notice(n)
			for i, words := range []string{what, do} {
				key := fmt.Sprint(code, i)
				switch {
				case words == "" || strings.Contains(words, "notice.") || strings.Contains(words, "<no value>") || strings.Contains(words, "{{"):
					t.Errorf("%s: %s: %q", tag, code, words)
				case tag == "en":
					english[key] = words
				case words == english[key]:
					t.Errorf("%s: %s is in English: %q", tag, code, words)
				}
			}
		}
	}
}

func TestNoticeNamesWhatItIsAbout(t *testing.T) {
	f := newWorkersFlow(t)
	f.workers.language = "en"
	for _, test := range []struct {
		n    Notice
		want string
	}{
		{Notice{Code: "tampered", Args: map[string]string{"switch": "rear-door"}}, "rear door"},
		{Notice{Code: "tampered", Args: map[string]string{"switch": "a fifth door"}}, "a fifth door"},
		{Notice{Code: "clock-wrong", Args: map[string]string{"how": "wrong-day"}}, "day of the vote"},
		{Notice{Code: "signed-already", Args: map[string]string{"number": "7"}}, "Poll worker 7"},
		{Notice{Code: "no-such-code", Plain: "input/output error"}, "input/output error"},
		{Notice{Code: "unknown", Plain: "input/output error"}, "input/output error"},
	} {
		if what, _ := f.notice(test.n); !strings.Contains(what, test.want) {
			t.Errorf("%+v is %q, without %q", test.n, what, test.want)
		}
	}
}

// TestNoticeCodesAreOneEach: a code that stands twice hides a slip of the pen.
func TestNoticeCodesAreOneEach(t *testing.T) {
	codes := NoticeCodes()
	if once := slices.Compact(slices.Clone(codes)); len(once) != len(codes) || !slices.IsSorted(codes) {
		t.Errorf("codes: %q", codes)
	}
}
