package game

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// record says what a directory below RUN belongs to. It is there before the
// process is, and is written again when the process has a number.
type record struct {
	Boot    string   `json:"boot"` // the kernel's id of this boot
	Owner   process  `json:"owner"`
	Child   *process `json:"child,omitempty"`
	Inside  *process `json:"inside,omitempty"`  // the first one in the child's sandbox
	Display string   `json:"display,omitempty"` // such as ":7", of an X server
}

const recordFile = "record.json"

func newRecord() (record, error) {
	boot, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return record{}, fmt.Errorf("read the boot id: %w", err)
	}
	owner, err := identify(os.Getpid())
	if err != nil {
		return record{}, err
	}
	return record{Boot: strings.TrimSpace(string(boot)), Owner: owner}, nil
}

// write puts the record into the directory, whole or not at all. It is not
// synced: what it tells of does not outlive a crash of the machine.
func (r record) write(dir string) error {
	data, err := json.Marshal(r)
	if err != nil {
		return err
	}
	path := filepath.Join(dir, recordFile)
	if err := os.WriteFile(path+".new", data, 0o600); err != nil {
		return fmt.Errorf("write the record: %w", err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		return fmt.Errorf("write the record: %w", err)
	}
	return nil
}

func readRecord(dir string) (record, error) {
	data, err := os.ReadFile(filepath.Join(dir, recordFile))
	if err != nil {
		return record{}, fmt.Errorf("read the record: %w", err)
	}
	var r record
	if err := json.Unmarshal(data, &r); err != nil {
		return record{}, fmt.Errorf("read the record: %s: %w", dir, err)
	}
	return r, nil
}

// markOf is the variable that every process of a directory carries.
func markOf(dir string) string { return markName + "=" + dir }

const markName = "PLAYCAST_RUN"
