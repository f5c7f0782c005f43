// A game that tells what SDL makes of its gamepads: a line of JSON on standard
// output for each thing, by SDL's standard mapping and its names. The button
// back has the pad rumble for a second, start for ever, and x stops it.

#include <SDL.h>
#include <stdio.h>

// number is that of the pad's device: /dev/input/event2 is pad 2.
static int number(SDL_GameController *pad) {
	const char *path = SDL_GameControllerPath(pad);
	return path && *path ? path[SDL_strlen(path) - 1] - '0' : -1;
}

static SDL_GameController *pad_of(SDL_JoystickID which) { return SDL_GameControllerFromInstanceID(which); }

static void added(int index) {
	SDL_GameController *pad = SDL_GameControllerOpen(index);
	if (!pad) {
		printf("{\"event\":\"error\",\"what\":\"%s\"}\n", SDL_GetError());
		return;
	}
	printf("{\"event\":\"added\",\"pad\":%d,\"name\":\"%s\",\"vendor\":%d,\"product\":%d,\"rumble\":%s}\n", number(pad),
		SDL_GameControllerName(pad), SDL_GameControllerGetVendor(pad), SDL_GameControllerGetProduct(pad),
		SDL_GameControllerHasRumble(pad) ? "true" : "false");
}

static void removed(SDL_JoystickID which) {
	SDL_GameController *pad = pad_of(which);
	if (!pad) return;
	printf("{\"event\":\"removed\",\"pad\":%d}\n", number(pad));
	SDL_GameControllerClose(pad);
}

static void button(const SDL_ControllerButtonEvent *event) {
	SDL_GameController *pad = pad_of(event->which);
	printf("{\"event\":\"button\",\"pad\":%d,\"name\":\"%s\",\"down\":%s}\n", number(pad),
		SDL_GameControllerGetStringForButton(event->button), event->state == SDL_PRESSED ? "true" : "false");
	if (event->state != SDL_PRESSED) return;
	if (event->button == SDL_CONTROLLER_BUTTON_BACK) SDL_GameControllerRumble(pad, 0xffff, 0x4000, 1000);
	if (event->button == SDL_CONTROLLER_BUTTON_START) SDL_GameControllerRumble(pad, 0x8000, 0, 0xffff);
	if (event->button == SDL_CONTROLLER_BUTTON_X) SDL_GameControllerRumble(pad, 0, 0, 0);
}

static void axis(const SDL_ControllerAxisEvent *event) {
	printf("{\"event\":\"axis\",\"pad\":%d,\"name\":\"%s\",\"value\":%d}\n", number(pad_of(event->which)),
		SDL_GameControllerGetStringForAxis(event->axis), event->value);
}

// draw shows that the game lives: the capture waits for more than one colour.
static void draw(SDL_Renderer *renderer) {
	static Uint8 shade;
	SDL_SetRenderDrawColor(renderer, 20, 30, 40, 255);
	SDL_RenderClear(renderer);
	SDL_SetRenderDrawColor(renderer, 220, ++shade, 120, 255);
	for (int i = 0; i < SDL_NumJoysticks(); i++) SDL_RenderFillRect(renderer, &(SDL_Rect){40 + 150 * i, 120, 110, 110});
	SDL_RenderFillRect(renderer, &(SDL_Rect){0, 0, 640, 24});
	SDL_RenderPresent(renderer);
}

int main(int argc, char **argv) {
	(void)argc, (void)argv;
	setvbuf(stdout, NULL, _IOLBF, 0);
	SDL_SetHint(SDL_HINT_JOYSTICK_ALLOW_BACKGROUND_EVENTS, "1");
	if (SDL_Init(SDL_INIT_VIDEO | SDL_INIT_GAMECONTROLLER) < 0) return fprintf(stderr, "%s\n", SDL_GetError()), 1;
	SDL_Window *window = SDL_CreateWindow("padtest", 0, 0, 640, 360, 0);
	SDL_Renderer *renderer = window ? SDL_CreateRenderer(window, -1, SDL_RENDERER_SOFTWARE) : NULL;
	if (!renderer) return fprintf(stderr, "%s\n", SDL_GetError()), 1;
	printf("{\"event\":\"ready\"}\n");
	for (;;) {
		SDL_Event event;
		while (SDL_PollEvent(&event)) {
			switch (event.type) {
			case SDL_QUIT: return 0;
			case SDL_CONTROLLERDEVICEADDED: added(event.cdevice.which); break;
			case SDL_CONTROLLERDEVICEREMOVED: removed(event.cdevice.which); break;
			case SDL_CONTROLLERBUTTONDOWN:
			case SDL_CONTROLLERBUTTONUP: button(&event.cbutton); break;
			case SDL_CONTROLLERAXISMOTION: axis(&event.caxis); break;
			}
		}
		draw(renderer);
		SDL_Delay(10);
	}
}
