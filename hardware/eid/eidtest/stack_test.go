package eidtest_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"os/exec"
	"strings"
	"testing"

	"github.com/openreferendum/referendum/hardware/eid/eidtest"
)

func TestStackPlain(t *testing.T) {
	s := eidtest.StartStack(t)
	k, _ := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	c := eidtest.NewCard(eidtest.CardConfig{Slots: map[byte]eidtest.Slot{0x9A: {Key: k}}})
	if err := s.Insert(c); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("opensc-tool", "-n").CombinedOutput()
	if err != nil || !strings.Contains(string(out), "Personal Identity Verification Card") {
		t.Errorf("opensc-tool says %q, %v", out, err)
	}
}
