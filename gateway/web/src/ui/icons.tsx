import type { ReactNode } from "react";

/** Line icons, drawn in a 24 pixel box; they take the text's colour and say nothing to a reader. */
function icon(shape: ReactNode) {
  return function Icon({ size = 18 }: { size?: number }) {
    return (
      <svg
        width={size}
        height={size}
        viewBox="0 0 24 24"
        fill="none"
        stroke="currentColor"
        strokeWidth="2"
        strokeLinecap="round"
        strokeLinejoin="round"
        aria-hidden="true"
        focusable="false"
      >
        {shape}
      </svg>
    );
  };
}

export const IconPlay = icon(<path d="M7 4.5v15l12-7.5z" fill="currentColor" />);
export const IconPause = icon(<path d="M8 5v14M16 5v14" strokeWidth="3" />);
export const IconStop = icon(<rect x="6" y="6" width="12" height="12" rx="1.5" fill="currentColor" />);
export const IconChart = icon(<path d="M4 20V10M10 20V4M16 20v-7M22 20H2" />);
export const IconFullscreen = icon(<path d="M4 9V4h5M15 4h5v5M20 15v5h-5M9 20H4v-5" />);
export const IconSound = icon(<path d="M4 9.5v5h3.5L12 19V5L7.5 9.5zM16 8.5a5 5 0 0 1 0 7M18.7 6a9 9 0 0 1 0 12" />);
export const IconSoundOff = icon(<path d="M4 9.5v5h3.5L12 19V5L7.5 9.5zM16 9.5l5 5M21 9.5l-5 5" />);
export const IconPeople = icon(
  <>
    <circle cx="9" cy="8" r="3.5" />
    <path d="M2.5 20c0-3.6 2.9-6 6.5-6s6.5 2.4 6.5 6M16 4.8a3.5 3.5 0 0 1 0 6.4M18 14.6c2.1.8 3.5 2.7 3.5 5.4" />
  </>,
);
export const IconRemove = icon(<path d="M6 6l12 12M18 6L6 18" />);
export const IconRecord = icon(
  <>
    <circle cx="12" cy="12" r="9" />
    <circle cx="12" cy="12" r="4" fill="currentColor" />
  </>,
);
export const IconClock = icon(
  <>
    <circle cx="12" cy="12" r="9" />
    <path d="M12 7v5l3.5 2" />
  </>,
);
export const IconKeyboard = icon(
  <>
    <rect x="2" y="6" width="20" height="12" rx="2" />
    <path d="M6 10h.01M10 10h.01M14 10h.01M18 10h.01M7 14h10" />
  </>,
);
export const IconGamepad = icon(
  <>
    <path d="M7 7h10a5 5 0 0 1 4.9 4.1l.6 3.4a2.6 2.6 0 0 1-4.7 2L16 14H8l-1.8 2.5a2.6 2.6 0 0 1-4.7-2l.6-3.4A5 5 0 0 1 7 7z" />
    <path d="M6.5 10.5h3M8 9v3M15.5 10.5h.01M17.5 11.5h.01" />
  </>,
);
export const IconText = icon(<path d="M5 7V5h14v2M12 5v14M9 19h6" />);
export const IconMouse = icon(
  <>
    <rect x="7" y="3" width="10" height="18" rx="5" />
    <path d="M12 7v3" />
  </>,
);
export const IconMicrophone = icon(<path d="M12 3a3 3 0 0 0-3 3v5a3 3 0 0 0 6 0V6a3 3 0 0 0-3-3zM5.5 11a6.5 6.5 0 0 0 13 0M12 17.5V21" />);
export const IconMicrophoneOff = icon(<path d="M9 6a3 3 0 0 1 6 0v5M9 9v2a3 3 0 0 0 4.6 2.5M5.5 11a6.5 6.5 0 0 0 10.2 5.3M18.5 11a6.5 6.5 0 0 1-.6 2.7M12 17.5V21M4 3l16 18" />);
