/** The mark of playcast: a play triangle that casts two waves. */
export function Logo({ size = 28 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true" focusable="false">
      <path d="M6 6.2v19.6a1.6 1.6 0 0 0 2.5 1.3l13-9.8a1.6 1.6 0 0 0 0-2.6l-13-9.8A1.6 1.6 0 0 0 6 6.2Z" fill="#5eead4" />
      <path d="M23 6.5a13 13 0 0 1 0 19" fill="none" stroke="#5eead4" strokeWidth="2.4" strokeLinecap="round" opacity=".75" />
      <path d="M27 3a18.5 18.5 0 0 1 0 26" fill="none" stroke="#5eead4" strokeWidth="2.4" strokeLinecap="round" opacity=".4" />
    </svg>
  );
}
