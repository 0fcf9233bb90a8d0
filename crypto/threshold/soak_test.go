package threshold

import (
	"os"
	"testing"
)

func skipUnlessSoak(t *testing.T) {
	t.Helper()
	if os.Getenv("SOAK") == "" {
		t.Skip("run by make soak")
	}
}
