import { Popover, Select, Text } from "@mantine/core";
import { useState } from "react";
import { layouts, nameOf } from "../input/layouts";
import { IconKeyboard } from "../ui/icons";
import { Tool } from "./Tool";
import type { Keyboard } from "./useKeyboard";

/** Shows which keyboard the game is played with, and takes another. */
export function KeyboardTool({ keyboard, onClose }: { keyboard: Keyboard; onClose: () => void }) {
  const [open, setOpen] = useState(false);
  const close = () => {
    setOpen(false);
    onClose();
  };
  return (
    <Popover
      opened={open}
      onDismiss={close}
      withinPortal={false}
      position="bottom-end"
      width={280}
      trapFocus
      withArrow
      withRoles={false} // they would be the box's around the button
    >
      <Popover.Target>
        <div>
          <Tool label="Keyboard" pressed={open} onClick={() => (open ? close() : setOpen(true))}>
            <IconKeyboard />
          </Tool>
        </div>
      </Popover.Target>
      <Popover.Dropdown bg="dark.6" role="dialog" aria-label="Keyboard">
        <Select
          label="Keyboard layout"
          description="What is printed on your keys"
          data={[
            { value: "auto", label: `Automatic: ${keyboard.detected.title}` },
            ...layouts.map((each) => ({ value: nameOf(each), label: each.title })),
          ]}
          value={keyboard.choice || "auto"}
          onChange={(name) => keyboard.choose(name === "auto" || name === null ? "" : name)}
          allowDeselect={false}
          searchable
          comboboxProps={{ withinPortal: false }}
          withScrollArea={false} // the list itself scrolls, which the keys of the field do
          styles={{ options: { maxHeight: 260, overflowY: "auto" } }}
        />
        <Text size="xs" c="dimmed" mt="xs">
          The game gets your keys as they are labelled.
        </Text>
      </Popover.Dropdown>
    </Popover>
  );
}
