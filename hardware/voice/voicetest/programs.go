package voicetest

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// A Behaviour is how a stand-in for a program behaves.
type Behaviour string

// The behaviours. Keeps needs the folder that it was made in.
const (
	Hangs  Behaviour = "hangs"  // it neither reads nor writes, and never ends
	Dies   Behaviour = "dies"   // it ends at once, with exit status 3
	Litter Behaviour = "litter" // it ends well after it has read everything, and leaves a program behind
	Keeps  Behaviour = "keeps"  // it writes what it reads to a file NUMBER.wav beside it, whole
)

// Program writes a stand-in into a folder and returns its path. It takes any
// arguments, so it can be the program that speaks as well as the one that
// plays.
func Program(folder string, b Behaviour) (string, error) {
	lines := map[Behaviour]string{
		Hangs:  "exec /bin/sleep 100000",
		Dies:   "exit 3",
		Litter: "/bin/sleep 100000 >/dev/null 2>&1 </dev/null &\n/bin/cat >/dev/null",
		Keeps:  "/bin/cat >'FOLDER/'$$.part && /bin/mv 'FOLDER/'$$.part 'FOLDER/'$$.wav",
	}
	path := filepath.Join(folder, string(b))
	script := "#!/bin/sh\n" + strings.ReplaceAll(lines[b], "FOLDER", folder) + "\n"
	if err := os.WriteFile(path, []byte(script), 0o700); err != nil {
		return "", fmt.Errorf("writing a stand-in: %w", err)
	}
	return path, nil
}
