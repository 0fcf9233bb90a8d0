package record_test

import (
	"regexp"
	"testing"

	"github.com/openreferendum/referendum/record"
)

// value is a string, number or boolean that is the value of a field or stands in
// a list, and whatever stands before it.
var value = regexp.MustCompile(`([:\[,])("[^"]*"|[0-9]+|true|false)([,\]}])`)

// field is a whole field with a simple value, and the comma behind it.
var field = regexp.MustCompile(`"[A-Za-z0-9]+":("[^"]*"|[0-9]+|true|false),`)

// TestNoValueMayBeMissing puts null in the place of every value of every kind of
// document, and leaves every field out. None of it parses, so no value that was
// parsed is empty where it must not be.
func TestNoValueMayBeMissing(t *testing.T) {
	w := theWorld()
	a, file := w.aggregates()
	r, _, _ := w.result()
	for name, tt := range map[string]struct {
		doc   []byte
		parse func([]byte) error
	}{
		"manifest":     {w.manifest, func(b []byte) error { _, err := record.ParseManifest(b); return err }},
		"joint key":    {w.jointKey, func(b []byte) error { _, err := record.ParseJointKey(b); return err }},
		"challenge":    {[]byte(challenge()), func(b []byte) error { _, err := record.ParseChallenge(b); return err }},
		"enrolment":    {signedSeed(w.ceremony.Enrolments[0]), parseOnly[record.Enrolment]},
		"commitment":   {signedSeed(w.ceremony.Commitments[0]), parseOnly[record.Commitment]},
		"reveal":       {signedSeed(w.ceremony.Reveals[0]), parseOnly[record.Reveal]},
		"confirmation": {signedSeed(w.ceremony.Confirmations[0]), parseOnly[record.Confirmation]},
		"complaint":    {signedSeed(sign(record.Complaint{Trustee: 1, Against: 2}, as("trustee-1", trusteeKey(1)))), parseOnly[record.Complaint]},
		"defence":      {signedSeed(sign(record.Defence{Trustee: 2, For: 1, Share: w.shares[0].Reveal()}, as("trustee-2", trusteeKey(2)))), parseOnly[record.Defence]},
		"closing":      {w.folders["a-1"][record.ClosingFile].Data, parseOnly[record.Closing]},
		"aggregates":   {file, parseOnly[record.Aggregates]},
		"decryption":   {signedSeed(w.answer(1, &a.Body, file)), parseOnly[record.Decryption]},
		"result":       {signedSeed(r), parseOnly[record.Result]},
		"inventory":    {signedSeed(sign(must(record.TakeInventory(w.election, recordFS(w))), as("authority", signingKey("authority")))), parseOnly[record.Inventory]},
		"roll":         {signedSeed(sign(roll(w), as("authority", signingKey("authority")))), parseOnly[record.Roll]},
	} {
		t.Run(name, func(t *testing.T) {
			if err := tt.parse(tt.doc); err != nil {
				t.Fatal(err)
			}
			values := value.FindAllSubmatchIndex(tt.doc, -1)
			if len(values) == 0 {
				t.Fatal("no values")
			}
			for _, m := range values {
				refused(t, tt.parse, tt.doc, m[4], m[5], "null")
			}
			for _, m := range field.FindAllIndex(tt.doc, -1) {
				refused(t, tt.parse, tt.doc, m[0], m[1], "")
			}
		})
	}
}

func refused(t *testing.T, parse func([]byte) error, doc []byte, from, to int, by string) {
	t.Helper()
	bad := string(doc[:from]) + by + string(doc[to:])
	if bad == string(doc) || parse([]byte(bad)) == nil {
		t.Errorf("parses with %q in the place of %s", by, doc[from:to])
	}
}
