package screen

import "testing"

func TestOffers(t *testing.T) {
	s := Screen{
		Parts:   []Part{Text{Words: "text"}, Options{Items: []Option{{Press: "answer:1"}, {}}}, Facts{Rows: []Fact{{Press: "change:1"}, {}}}, Report{}, Entry{Kind: Digits}},
		Buttons: []Button{{Press: "cast"}, {Press: "challenge", Off: true}, {}},
		Tools:   []Button{{Press: "help"}, {Press: "workers", Off: true}},
	}
	for press, want := range map[string]bool{
		"": false, "x": false, "text": false, "challenge": false, "workers": false, "answer:2": false, "change:": false,
		"key:": false, "key:a": false, "key:12": false, "key: ": false, "key:٣": false, "key:shift": false,
		"cast": true, "help": true, "answer:1": true, "change:1": true, "key:0": true, "key:9": true, KeyBack: true,
	} {
		if s.Offers(press) != want {
			t.Errorf("%q: %v", press, !want)
		}
	}
	if (Screen{}).Offers(KeyBack) {
		t.Error("a screen without an entry takes a key")
	}
}

// TestLetters: passphrases are words with spaces, and nothing that does not
// print.
func TestLetters(t *testing.T) {
	e := Entry{Kind: Letters}
	for press, want := range map[string]bool{"key:a": true, "key:Z": true, "key:5": true, "key: ": true, "key:-": true, KeyBack: true,
		"key:\n": false, "key:\x00": false, "key:\x7f": false, "key:é": false, "key:": false, "key:ab": false, "a": false} {
		if e.Takes(press) != want {
			t.Errorf("%q: %v", press, !want)
		}
	}
}
