// Package record holds everything that is published about a referendum, and the
// one encoding of each thing: manifest, key-ceremony transcript, each station's
// checkpoint, closing statement and ballots, aggregates, partial decryptions,
// result. It is specified in docs/spec/record.md.
//
// A value that comes out of a Parse function is well formed; whether it is true
// (signatures, proofs, sums) is asked with the Check functions, and answered as
// a whole by package verifier.
package record

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"unicode/utf8"
)

// MaxDocument bounds the size of a JSON document, in bytes.
const MaxDocument = 256 << 20

// Marshal returns the canonical JSON encoding of docs/spec/record.md, Section
// 2: no white space, fields in the order of the specification, only what must
// be escaped is, one newline at the end.
func Marshal(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// Bounds of documents that are small whatever the referendum, in bytes. They come
// from stations, trustees and voters, and to decode JSON takes several times its
// size in memory.
const (
	maxClosing   = 16 << 10
	maxCeremony  = 1 << 20 // a document of the key ceremony, and the joint key
	maxRoll      = 16 << 20
	maxChallenge = 4 << 20
)

// limitOf bounds a signed document by its kind.
func limitOf(kind string) int64 {
	switch kind {
	case Aggregates{}.kind(), Decryption{}.kind(), Result{}.kind(), Inventory{}.kind():
		return MaxDocument
	case Roll{}.kind():
		return maxRoll
	case Closing{}.kind():
		return maxClosing
	}
	return maxCeremony
}

// parse decodes b into v and refuses every encoding but the canonical one:
// unknown, repeated or reordered fields, white space, trailing bytes, second
// spellings of a string, null, control characters.
func parse(limit int64, b []byte, v any) error {
	if int64(len(b)) > limit {
		return fmt.Errorf("%d bytes, allowed are %d", len(b), limit)
	}
	if !utf8.Valid(b) {
		return fmt.Errorf("not UTF-8")
	}
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		if err == io.EOF || err == io.ErrUnexpectedEOF {
			return fmt.Errorf("json: ends in the middle")
		}
		return err
	}
	again, err := Marshal(v)
	if err != nil {
		return err
	}
	if !bytes.Equal(again, b) {
		return fmt.Errorf("json: not the canonical encoding")
	}
	return checkTokens(b)
}

// checkTokens refuses what json spells in one way only, and a document may not
// have at all: null, with which an empty list would have two spellings, and
// control characters but the newline. b is canonical JSON: outside strings, no
// token but null has an n in it.
func checkTokens(b []byte) error {
	inString := false
	for i := 0; i < len(b); i++ {
		switch {
		case b[i] == '"':
			inString = !inString
		case inString && b[i] == '\\':
			i++
			if c := b[i]; c != '"' && c != '\\' && c != 'n' {
				return fmt.Errorf("json: control character in a string")
			}
		case !inString && b[i] == 'n':
			return fmt.Errorf("json: null")
		}
	}
	return nil
}

// A document is what every parsed JSON document can do.
type document interface{ Validate() error }

// parseDocument parses and validates; what names the document in errors.
func parseDocument[T document](what string, limit int64, b []byte) (T, error) {
	var v, none T
	if err := parse(limit, b, &v); err != nil {
		return none, fmt.Errorf("%s: %w", what, err)
	}
	if err := v.Validate(); err != nil {
		return none, fmt.Errorf("%s: %w", what, err)
	}
	return v, nil
}
