package multibuffer

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// TestGenerated runs the generator and compares what it writes with what stands
// here.
func TestGenerated(t *testing.T) {
	folder := t.TempDir()
	run := exec.Command("go", "run", ".", folder)
	run.Dir = "gen"
	run.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=-mod=readonly")
	if out, err := run.CombinedOutput(); err != nil {
		t.Fatalf("running the generator: %v\n%s", err, out)
	}
	for _, name := range []string{"avx2_amd64.s", "avx2_stubs_amd64.go"} {
		made, err := os.ReadFile(filepath.Join(folder, name))
		if err != nil {
			t.Fatal(err)
		}
		kept, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(made, kept) {
			t.Errorf("%s is not what the generator writes: go run -C crypto/multibuffer/gen . ..", name)
		}
	}
}
