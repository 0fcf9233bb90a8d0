package transcript

import (
	"encoding/hex"
	"strconv"
	"strings"
	"testing"

	"github.com/openreferendum/referendum/crypto/vectorstest"
)

type vector = vectorstest.Vector

type values = map[string]string

// Fields in a vector are "text:…", "hex:…" or "uint:…", one a line.
func build(t *testing.T, label, fields string) *Transcript {
	t.Helper()
	m := New(label)
	for line := range strings.Lines(fields) {
		kind, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), ":")
		switch kind {
		case "text":
			m.Text(value)
		case "hex":
			b, err := hex.DecodeString(value)
			if err != nil {
				t.Fatal(err)
			}
			m.Bytes(b)
		case "uint":
			n, err := strconv.ParseUint(value, 10, 64)
			if err != nil {
				t.Fatal(err)
			}
			m.Uint(n)
		default:
			t.Fatalf("field %q", line)
		}
	}
	return m
}

func makeTranscriptVectors(t *testing.T) []vector {
	var vs []vector
	for _, v := range []struct{ reason, label, fields string }{
		{"a label alone is the first field", "referendum-v1-test", ""},
		{"an empty field has a length too", "referendum-v1-test", "hex:"},
		{"an integer is 8 bytes, big endian", "referendum-v1-test", "uint:258"},
		{"the largest integer", "referendum-v1-test", "uint:18446744073709551615"},
		{"a text is its UTF-8 bytes", "referendum-v1-test", "text:連江縣"},
		{"fields are not typed: the bytes of an integer are the integer", "referendum-v1-test", "hex:0000000000000102"},
		{"a boundary that moves changes the message (1)", "referendum-v1-test", "text:ab\ntext:c"},
		{"a boundary that moves changes the message (2)", "referendum-v1-test", "text:a\ntext:bc"},
		{"a field that looks like two", "referendum-v1-test", "hex:00000001610000000162"},
		{"many fields", "referendum-v1-test", "text:a\nhex:" + strings.Repeat("00", 32) + "\nuint:1\nuint:2"},
	} {
		m := build(t, v.label, v.fields)
		sum := m.Sum()
		vs = append(vs, vectorstest.New("2.1 transcript", v.reason, true, values{"label": v.label, "fields": v.fields},
			values{"message": hex.EncodeToString(m.Message()), "sha256": hex.EncodeToString(sum[:])}))
	}
	for _, v := range []struct{ reason, message string }{
		{"ends within a length", "000000"},
		{"ends within a field", "0000000261"},
		{"bytes after the last field", "000000016100"},
	} {
		vs = append(vs, vectorstest.New("2.1 transcript", v.reason, false, values{"message": v.message}, nil))
	}
	return vs
}

func TestVectors(t *testing.T) {
	for _, v := range vectorstest.Read(t, "transcript.json", makeTranscriptVectors(t)) {
		t.Run(v.Reason, func(t *testing.T) {
			if !v.Good {
				b, err := hex.DecodeString(v.Input["message"])
				if err != nil {
					t.Fatal(err)
				}
				if _, ok := split(b); ok {
					t.Error("is the message of a list of fields")
				}
				return
			}
			m := build(t, v.Input["label"], v.Input["fields"])
			sum := m.Sum()
			if hex.EncodeToString(m.Message()) != v.Output["message"] || hex.EncodeToString(sum[:]) != v.Output["sha256"] {
				t.Errorf("message %x, hash %x", m.Message(), sum)
			}
		})
	}
}
