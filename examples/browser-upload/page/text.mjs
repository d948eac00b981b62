// Numbers and names, as people read them.

const UNITS = ["B", "KB", "MB", "GB", "TB"];

export function bytes(count) {
  let unit = 0;
  let value = count;
  while (value >= 1000 && unit < UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${value.toFixed(unit && value < 10 ? 1 : 0)} ${UNITS[unit]}`;
}

export function duration(seconds) {
  const whole = Math.ceil(seconds);
  if (whole < 60) {
    return `${whole} s`;
  }
  return whole < 3600 ? `${Math.ceil(whole / 60)} min` : `${(whole / 3600).toFixed(1)} h`;
}

/**
 * A file's path as a part of a key: in Unicode's NFC, which is R2's own form, without segments that
 * lead elsewhere, and without control characters.
 */
export function safePath(path) {
  return path.normalize("NFC").split("/")
    .map((name) => name.replace(/[\p{Cc}\\]/gu, "_"))
    .filter((name) => name !== "" && name !== "." && name !== "..")
    .join("/");
}
