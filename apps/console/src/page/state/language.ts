/*
 * With a POSIX locale, Chrome says that its language is `en-US@posix`, which is no language tag. uPlot formats numbers in that language as soon as it
 * is loaded, and its error would leave the page empty. So `main.tsx` imports this file before anything else.
 */
try {
  new Intl.NumberFormat(navigator.language);
} catch {
  Object.defineProperty(navigator, 'language', { value: 'en-GB', configurable: true });
}
