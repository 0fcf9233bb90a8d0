package locale

import (
	"regexp"
	"testing"
)

// TestOneWordForOneThing looks for words that a language has two of: on one
// screen a person would look for two things. Those of Traditional Chinese are
// the Referendum Act's; what is compared with a tape is named as on the tape.
func TestOneWordForOneThing(t *testing.T) {
	for tag, never := range map[string]*regexp.Regexp{
		"id":      regexp.MustCompile(`(?i)\bsurat(nya)?\b($|[^ ]| [^s]| s[^u])`), // a slip is "slip"; "surat suara" is a ballot paper
		"zh-Hant": regexp.MustCompile(`投票人($|[^數])|選民|監票|票箱`),
	} {
		for id, message := range read(t, tag) {
			if found := never.FindString(message); found != "" {
				t.Errorf("%s: %s says %q in %q", tag, id, found, message)
			}
		}
	}
}
