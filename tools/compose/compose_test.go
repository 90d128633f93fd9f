package compose_test

import (
	"context"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/compose-spec/compose-go/v2/types"
)

const (
	baseFile = "../../docker-compose.yml"
	gpuFile  = "../../docker-compose.gpu.yml"
)

// variables are what an operator has to set.
var variables = map[string]string{"LIVEKIT_API_KEY": "devkey", "LIVEKIT_API_SECRET": "0123456789abcdef0123456789abcdef"}

// load reads compose files with env as the only environment.
func load(env map[string]string, files ...string) (*types.Project, error) {
	var pairs []string
	for name, value := range env {
		pairs = append(pairs, name+"="+value)
	}
	opt, err := cli.NewProjectOptions(files, cli.WithName("sensory-agent"), cli.WithEnv(pairs), cli.WithInterpolation(true))
	if err != nil {
		return nil, err
	}
	return opt.LoadProject(context.Background())
}

// eachVariant runs a check on the plain project and on the one with the GPU file.
func eachVariant(t *testing.T, check func(t *testing.T, p *types.Project)) {
	t.Helper()
	for name, files := range map[string][]string{"cpu": {baseFile}, "gpu": {baseFile, gpuFile}} {
		t.Run(name, func(t *testing.T) {
			p, err := load(variables, files...)
			if err != nil {
				t.Fatalf("load %v: %v", files, err)
			}
			check(t, p)
		})
	}
}

func TestServices(t *testing.T) {
	eachVariant(t, func(t *testing.T, p *types.Project) {
		want := []string{"agent", "livekit", "models"}
		if got := slices.Sorted(maps.Keys(p.Services)); !slices.Equal(got, want) {
			t.Errorf("services %v, want %v", got, want)
		}
	})
}

func TestImagesArePinned(t *testing.T) {
	d := readDockerfile(t)
	eachVariant(t, func(t *testing.T, p *types.Project) {
		for name, s := range p.Services {
			switch {
			case s.Build != nil:
				if s.Build.Dockerfile != "Dockerfile" {
					t.Errorf("%s builds from %q", name, s.Build.Dockerfile)
				}
			default:
				checkPinned(t, name, s.Image)
			}
		}
	})
	for _, image := range d.images {
		checkPinned(t, "Dockerfile", image)
	}
	if len(d.images) != 2 {
		t.Errorf("the Dockerfile has the images %v, want one to build and one to run", d.images)
	}
}

// exactTag is a version of at least two numbers behind the last colon.
var exactTag = regexp.MustCompile(`:v?\d+\.\d+[\w.-]*$`)

func checkPinned(t *testing.T, where, image string) {
	t.Helper()
	if strings.Contains(image, "latest") || !exactTag.MatchString(image) {
		t.Errorf("%s uses the image %q, which has no exact version", where, image)
	}
}

func TestNothingRunsAsRoot(t *testing.T) {
	d := readDockerfile(t)
	if last := d.stages[len(d.stages)-1]; isRoot(last.user) || last.name != "agent" {
		t.Errorf("a plain build makes the image %q, which runs as %q", last.name, last.user)
	}
	eachVariant(t, func(t *testing.T, p *types.Project) {
		for name, s := range p.Services {
			user := s.User
			if user == "" && s.Build != nil {
				user = d.stage(t, s.Build.Target).user
			}
			if isRoot(user) {
				t.Errorf("%s runs as %q", name, user)
			}
			if s.Privileged || len(s.CapAdd) > 0 {
				t.Errorf("%s is privileged or adds capabilities %v", name, s.CapAdd)
			}
		}
	})
}

func isRoot(user string) bool {
	name, _, _ := strings.Cut(user, ":")
	return name == "" || name == "0" || name == "root"
}

// TestPersonaImageHoldsWhatItNeedsAndNoMore: the clients of package registries bring 400 packages
// and stay in the image that pulls; nothing is reported to anybody from either.
func TestPersonaImageHoldsWhatItNeedsAndNoMore(t *testing.T) {
	d := readDockerfile(t)
	agent, models := strings.Join(d.stage(t, "agent").runs, "\n"), strings.Join(d.stage(t, "models").runs, "\n")
	for _, client := range []string{"npm", "python3-pip"} {
		if strings.Contains(agent, client) || !strings.Contains(models, client) {
			t.Errorf("%s belongs into the image models, and not into agent", client)
		}
	}
	if n := strings.Count(agent, "libopencv"); n != 2 || strings.Contains(agent, "libavdevice") {
		t.Errorf("the image has %d modules of OpenCV, want core and imgproc; FFmpeg's decoders are in libavcodec", n)
	}
	for _, name := range []string{"agent", "models"} {
		if d.stage(t, name).env["ORT_DISABLE_TELEMETRY"] != "1" {
			t.Errorf("the inference library of the image %s would send usage data", name)
		}
	}
}

// TestLicencesGoWithTheProgram: the licence, and the notices of others' work in the program, are
// wherever it is.
func TestLicencesGoWithTheProgram(t *testing.T) {
	d := readDockerfile(t)
	for _, name := range []string{"agent", "models"} {
		if !slices.Contains(d.stage(t, name).copies, "LICENSE NOTICE /usr/share/licenses/sensory-agent/") {
			t.Errorf("the image %s is given %q", name, d.stage(t, name).copies)
		}
	}
	data, err := os.ReadFile("../../scripts/release")
	if err != nil {
		t.Fatal(err)
	}
	_, archive, _ := strings.Cut(string(data), `git archive "$commit" `)
	archive, _, _ = strings.Cut(archive, "|")
	for _, file := range []string{"LICENSE", "NOTICE"} {
		if !slices.Contains(strings.Fields(archive), file) {
			t.Errorf("the archive of a release holds %q, and no %s", archive, file)
		}
	}
}

func TestHealthChecks(t *testing.T) {
	d := readDockerfile(t)
	if got, want := d.stage(t, "agent").health, `["sensory-agent", "health"]`; !strings.HasSuffix(got, want) {
		t.Errorf("the Dockerfile's health check is %q, want it to end in %s", got, want)
	}
	eachVariant(t, func(t *testing.T, p *types.Project) {
		if h := p.Services["livekit"].HealthCheck; h == nil || h.Disable || len(h.Test) < 2 {
			t.Errorf("livekit has the health check %+v", h)
		}
		if h := p.Services["agent"].HealthCheck; h != nil {
			t.Errorf("agent replaces the image's health check by %+v", h)
		}
		if h := p.Services["models"].HealthCheck; h == nil || !h.Disable {
			t.Errorf("models ends when it is done, its health check is %+v", h)
		}
		agent := p.Services["agent"]
		for on, condition := range map[string]string{
			"livekit": types.ServiceConditionHealthy, "models": types.ServiceConditionCompletedSuccessfully,
		} {
			if got := agent.DependsOn[on].Condition; got != condition {
				t.Errorf("agent waits for %s to be %q, want %q", on, got, condition)
			}
		}
		// The image's health check asks the default address; the persona has to serve there.
		address := valueOf(agent.Command, "--listen")
		if !strings.HasPrefix(address, "127.0.0.1:") || !sourceContains(t, `opsAddress = "`+address+`"`) {
			t.Errorf("agent serves its health at %q, which is not where the health command asks", address)
		}
	})
}

func TestModelsVolume(t *testing.T) {
	d := readDockerfile(t)
	const folder = "/models"
	for _, name := range []string{"agent", "models"} {
		if got := d.stage(t, name).env["SENSORY_AGENT_MODELS"]; got != folder {
			t.Errorf("the image %s looks for models in %q, want %s", name, got, folder)
		}
	}
	eachVariant(t, func(t *testing.T, p *types.Project) {
		for _, name := range []string{"models", "agent"} {
			if !slices.ContainsFunc(p.Services[name].Volumes, func(v types.ServiceVolumeConfig) bool {
				return v.Type == types.VolumeTypeVolume && v.Source == "models" && v.Target == folder
			}) {
				t.Errorf("%s does not mount the volume models at %s: %v", name, folder, p.Services[name].Volumes)
			}
		}
		if _, ok := p.Volumes["models"]; !ok {
			t.Error("the volume models is not declared")
		}
	})
}

func TestGPUFileReservesGPUs(t *testing.T) {
	p, err := load(variables, baseFile, gpuFile)
	if err != nil {
		t.Fatal(err)
	}
	agent := p.Services["agent"]
	if agent.Deploy == nil || agent.Deploy.Resources.Reservations == nil {
		t.Fatal("agent reserves nothing")
	}
	devices := agent.Deploy.Resources.Reservations.Devices
	if len(devices) != 1 || devices[0].Driver != "nvidia" || devices[0].Count != -1 || !slices.Contains(devices[0].Capabilities, "gpu") {
		t.Errorf("agent reserves %+v, want all NVIDIA GPUs", devices)
	}
	if got := valueOf(agent.Command, "--profile"); got != "standard" {
		t.Errorf("profile %q, want the one that needs a GPU", got)
	}
	if !slices.Contains(p.Services["models"].Command, "runtime-cuda") {
		t.Errorf("models pulls %v, without the CUDA runtime", p.Services["models"].Command)
	}
}

func TestVariables(t *testing.T) {
	for name := range variables {
		without := maps.Clone(variables)
		delete(without, name)
		if _, err := load(without, baseFile); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("without %s: got %v, want an error that names it", name, err)
		}
	}
	set := maps.Clone(variables)
	maps.Copy(set, map[string]string{"ROOM": "kitchen", "PROFILE": "text", "VOICE": "espeak"})
	p, err := load(set, baseFile)
	if err != nil {
		t.Fatal(err)
	}
	for flag, want := range map[string]string{"--room": "kitchen", "--profile": "text", "--voice": "espeak"} {
		if got := valueOf(p.Services["agent"].Command, flag); got != want {
			t.Errorf("%s is %q, want %q", flag, got, want)
		}
	}
	keys := p.Services["livekit"].Environment["LIVEKIT_KEYS"]
	if want := variables["LIVEKIT_API_KEY"] + ": " + variables["LIVEKIT_API_SECRET"]; keys == nil || *keys != want {
		t.Errorf("the server's keys do not hold the pair that the agent uses")
	}
}

// valueOf returns the argument behind a flag.
func valueOf(command []string, flag string) string {
	if i := slices.Index(command, flag); i >= 0 && i+1 < len(command) {
		return command[i+1]
	}
	return ""
}

// TestMonitoring: Prometheus and Grafana come beside the rest, pinned, on loopback, and every file
// that they are given is there.
func TestMonitoring(t *testing.T) {
	p, err := load(variables, baseFile, "../../docker-compose.monitoring.yml")
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"agent", "grafana", "livekit", "models", "prometheus"}
	if got := slices.Sorted(maps.Keys(p.Services)); !slices.Equal(got, want) {
		t.Fatalf("services %v, want %v", got, want)
	}
	given := 0
	for _, name := range []string{"grafana", "prometheus"} {
		s := p.Services[name]
		checkPinned(t, name, s.Image)
		for _, v := range s.Volumes {
			given++
			if _, err := os.Stat(v.Source); err != nil || !v.ReadOnly {
				t.Errorf("%s is given %s (%v), read-only: %v", name, v.Source, err, v.ReadOnly)
			}
		}
	}
	if given != 5 {
		t.Errorf("%d files are given", given)
	}
	if !slices.Contains(p.Services["prometheus"].Command, "--web.listen-address=127.0.0.1:9090") {
		t.Errorf("prometheus listens elsewhere: %v", p.Services["prometheus"].Command)
	}
}
