package record_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/openreferendum/referendum/record"
)

// challenge is a small document with strings, hashes, integers and a list.
func challenge() string {
	h := strings.Repeat("0a", 32)
	return `{"election":"` + h + `","station":"a-1","code":"` + h + `","seed":"` + h + `","selections":[1,0],"ballot":"0aff"}` + "\n"
}

func TestOnlyTheCanonicalEncodingParses(t *testing.T) {
	good := challenge()
	if _, err := record.ParseChallenge([]byte(good)); err != nil {
		t.Fatal(err)
	}
	replace := func(old, new string) string {
		if !strings.Contains(good, old) {
			t.Fatalf("nothing to replace: %s", old)
		}
		return strings.Replace(good, old, new, 1)
	}
	second := "json: not the canonical encoding"
	for _, tt := range []struct{ name, doc, err string }{
		{"empty", "", "challenge: json: ends in the middle"},
		{"cut short", good[:len(good)-9], "challenge: json: ends in the middle"},
		{"no JSON", "challenge\n", "invalid character 'c'"},
		{"a list", "[]\n", "cannot unmarshal array"},
		{"null", "null\n", "json: null"},
		{"field null", replace(`"0aff"`, `null`), second},
		{"list null", replace(`[1,0]`, `null`), "json: null"},
		{"element null", replace(`[1,0]`, `[1,null]`), second},
		{"no newline", strings.TrimSuffix(good, "\n"), second},
		{"two newlines", good + "\n", second},
		{"carriage return", replace("\n", "\r\n"), second},
		{"space before", " " + good, second},
		{"space within", replace(":", ": "), second},
		{"line break within", replace(",", ",\n"), second},
		{"trailing document", good + good, second},
		{"trailing rubbish", good + "x", second},
		{"byte order mark", "\ufeff" + good, "invalid character 'ï'"},
		{"not UTF-8", replace("a-1", "\xff"), "not UTF-8"},
		{"overlong UTF-8", replace("a-1", "\xc1\xa1-1"), "not UTF-8"},
		{"unknown field", replace(`{`, `{"colour":"red",`), `unknown field "colour"`},
		{"unknown field, deep", replace(`{`, `{"colour":`+strings.Repeat("[", 20000)+strings.Repeat("]", 20000)+`,`), "exceeded max depth"},
		{"field given twice", replace(`"station":"a-1"`, `"station":"a-1","station":"a-1"`), second},
		{"field missing", replace(`"station":"a-1",`, ""), second},
		{"field in other case", replace(`"station"`, `"Station"`), second},
		{"fields reordered", replace(`"selections":[1,0],"ballot":"0aff"`, `"ballot":"0aff","selections":[1,0]`), second},
		{"escaped letter", replace("a-1", `\u0061-1`), second},
		{"escaped slash", replace("a-1", `a\/1`), second},
		{"escaped name", replace(`"station"`, `"st\u0061tion"`), second},
		{"control character", replace("a-1", `a\t1`), "json: control character in a string"},
		{"control character by number", replace("a-1", `a\u0001`), "json: control character in a string"},
		{"line separator", replace("a-1", `a\u2028`), "json: control character in a string"},
		{"line separator as it is", replace("a-1", "a\u2028"), second},
		{"newline and quote", replace("a-1", `a\n\"\\`), "is not an identifier"},
		{"lone surrogate", replace("a-1", `\ud800`), second},
		{"upper-case hexadecimal", replace("0aff", "0aFF"), "upper-case hexadecimal"},
		{"odd hexadecimal", replace("0aff", "0af"), "3 hexadecimal digits instead of 2"},
		{"no hexadecimal", replace("0aff", "0agg"), "not hexadecimal"},
		{"short hash", replace(strings.Repeat("0a", 32), "0a"), "2 hexadecimal digits instead of 64"},
		{"leading zero", replace("[1,0]", "[01,0]"), "invalid character '1'"},
		{"plus sign", replace("[1,0]", "[+1,0]"), "invalid character '+'"},
		{"minus zero", replace("[1,0]", "[1,-0]"), second},
		{"fraction", replace("[1,0]", "[1.0,0]"), "cannot unmarshal number 1.0"},
		{"exponent", replace("[1,0]", "[1e0,0]"), "cannot unmarshal number 1e0"},
		{"number above 64 bits", replace("[1,0]", "[99999999999999999999,0]"), "cannot unmarshal number"},
		{"number as string", replace("[1,0]", `["1",0]`), "cannot unmarshal string"},
		{"negative selection", replace("[1,0]", "[1,-1]"), "selections: question 2 has no option -1"},
		{"selection no question has", replace("[1,0]", "[257,0]"), "selections: question 1 has no option 257"},
		{"too many questions", replace("[1,0]", "["+strings.Repeat("0,", 64)+"0]"), "too large"},
		{"too large a ballot", replace("0aff", strings.Repeat("00", 1<<20+1)), "too large"},
		{"no station", replace("a-1", "../a"), `station: "../a" is not an identifier`},
		{"station above 64 characters", replace("a-1", strings.Repeat("a", 65)), "is not an identifier"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c, err := record.ParseChallenge([]byte(tt.doc))
			if err == nil || !strings.Contains(err.Error(), tt.err) {
				t.Errorf("error %v, want %q", err, tt.err)
			}
			if err != nil && c != nil {
				t.Error("a value beside the error")
			}
		})
	}
}

func TestMarshalEscapesOnlyWhatMust(t *testing.T) {
	b, err := record.Marshal(record.Text{"zh-Hant": "<&>\"\\\n同意", "en": "a/b"})
	want := "{\"en\":\"a/b\",\"zh-Hant\":\"<&>\\\"\\\\\\n同意\"}\n"
	if err != nil || string(b) != want {
		t.Errorf("%s, %v; want %s", b, err, want)
	}
}

func TestParseHash(t *testing.T) {
	for s, want := range map[string]string{
		"": "0 hexadecimal digits instead of 64", strings.Repeat("0A", 32): "upper-case hexadecimal",
		strings.Repeat("zz", 32): "not hexadecimal", strings.Repeat("0a", 32) + "0": "65 hexadecimal digits instead of 64",
	} {
		if h, err := record.ParseHash(s); err == nil || err.Error() != want || h != (record.Hash{}) {
			t.Errorf("%q: %v, error %v, want %q", s, h, err, want)
		}
	}
	h, err := record.ParseHash(strings.Repeat("0a", 32))
	if err != nil || !bytes.Equal(h[:], bytes.Repeat([]byte{10}, 32)) || h.String() != strings.Repeat("0a", 32) {
		t.Errorf("%v, %v", h, err)
	}
}
