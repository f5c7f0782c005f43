package player_test

import (
	"os"
	"os/exec"
	"syscall"
	"testing"

	. "github.com/playcast/playcast/commands/decidetest"
	"github.com/playcast/playcast/commands/player"
	"github.com/playcast/playcast/events"
)

// TestZonesWithoutAMachines runs itself where there are no files at all.
func TestZonesWithoutAMachines(t *testing.T) {
	const inside = "PLAYCAST_TEST_NO_FILES"
	if os.Getenv(inside) == "" {
		again := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestZonesWithoutAMachines$")
		again.Env = append(os.Environ(), inside+"="+t.TempDir(), "ZONEINFO=")
		if os.Geteuid() != 0 { // who is root in a namespace of their own may leave the files
			again.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWUSER,
				UidMappings: []syscall.SysProcIDMap{{Size: 1, HostID: os.Getuid()}}, GidMappings: []syscall.SysProcIDMap{{Size: 1, HostID: os.Getgid()}}}
		}
		if said, err := again.CombinedOutput(); err != nil {
			t.Errorf("%v: %s", err, said)
		}
		return
	}
	if err := syscall.Chroot(os.Getenv(inside)); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat("/usr/share/zoneinfo"); err == nil {
		t.Fatal("there are files")
	}
	for _, zone := range []string{"Europe/Vienna", "America/St_Johns", "Asia/Kathmandu", "Pacific/Chatham", "UTC"} {
		set := limits
		set.TimeZone = zone
		When(Given(guarded), player.SetLimits{Player: anna, Limits: set, Proof: 1}).
			Then(t, events.ParentalLimitsSet{Player: anna, Limits: set, At: Now})
	}
}
