//go:build linux || darwin

package devpg

import (
	"fmt"
	"os"
	"runtime"
	"strings"
)

// installCommand names what installs PostgreSQL on this system; major zero: any.
func installCommand(major int) string {
	if runtime.GOOS == "darwin" {
		return advise("darwin", major)
	}
	text, _ := os.ReadFile("/etc/os-release") // absent: the general advice
	return advise(string(text), major)
}

// advise reads ID and ID_LIKE of an os-release file ("darwin" for macOS).
func advise(release string, major int) string {
	v := ""
	if major > 0 {
		v = fmt.Sprint(major)
	}
	switch ids := systems(release); {
	case release == "darwin":
		if v == "" {
			v = "18"
		}
		return "brew install postgresql@" + v
	case ids["debian"] || ids["ubuntu"]:
		return "sudo apt install postgresql" + dash(v)
	case ids["fedora"] || ids["rhel"] || ids["centos"]:
		if v == "" {
			return "sudo dnf install postgresql-server"
		}
		return "sudo dnf install postgresql" + v + "-server"
	case ids["alpine"]:
		return "sudo apk add postgresql" + v
	case ids["arch"]:
		return "sudo pacman -S postgresql"
	case ids["suse"] || ids["opensuse"]:
		return "sudo zypper install postgresql" + v + "-server"
	}
	return strings.TrimSpace("the package of the PostgreSQL server " + v)
}

func dash(v string) string {
	if v == "" {
		return ""
	}
	return "-" + v
}

func systems(release string) map[string]bool {
	ids := map[string]bool{}
	for line := range strings.Lines(release) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), "=")
		if key == "ID" || key == "ID_LIKE" {
			for _, id := range strings.Fields(strings.Trim(value, `"'`)) {
				ids[id] = true
			}
		}
	}
	return ids
}
