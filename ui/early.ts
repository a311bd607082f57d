// Runs before the first paint, as a classic script: a chosen theme must not flash the other one.
try {
  const chosen = localStorage.getItem('gatehouse.theme');
  if (chosen === 'dark' || chosen === 'light') document.documentElement.setAttribute('data-theme', chosen);
} catch {
  // without storage the system's theme stays
}
