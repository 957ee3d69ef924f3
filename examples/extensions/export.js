/** Rows as comma-separated values; a text that a spreadsheet would take for a formula is marked as text. */
export function exportData({ rows }) {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const line = (values) => values.map(cell).join(',');
  return [line(columns), ...rows.map((row) => line(columns.map((column) => row[column])))].join('\r\n');
}

function cell(value) {
  const text = String(value ?? '');
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return `"${safe.replaceAll('"', '""')}"`;
}
