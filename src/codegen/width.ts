/** How much room a text takes in an editor. */

const wide =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}/u

/** In columns: two for the characters of East Asia and pictures, none for what is put on top of others. */
export const width = (text: string): number => {
  let sum = 0
  for (const character of text) sum += /^[\p{Mn}\p{Me}\p{Cf}]$/u.test(character) ? 0 : wide.test(character) ? 2 : 1
  return sum
}
