import { fetched } from "../lib/patience.js";

/** Suggests a province's cities, and a city's districts, as soon as it is named. Without an answer one just types. */
export class Divisions {
  constructor(form) {
    const { province, city } = form.elements;
    if (!province) return;
    this.fields = form.elements;
    province.addEventListener("change", () => this.#suggestCities());
    city.addEventListener("change", () => this.#suggestDistricts());
    if (!city.list.options.length) this.#suggestCities(); // It may have been chosen before this script was there.
  }

  async #suggestCities() {
    const { province, city } = this.fields;
    const names = await this.#suggest(city, { province: province.value });
    if (names.length === 1) city.value ||= names[0]; // A municipality is a city of its own name.
    await this.#suggestDistricts();
  }

  async #suggestDistricts() {
    const { province, city, district } = this.fields;
    const known = [...city.list.options].some((one) => one.value === city.value) && city.value; // Not one in letters.
    await this.#suggest(district, { province: province.value, city: known });
  }

  async #suggest(field, within) {
    const names = Object.values(within).every(Boolean) ? await this.#names(new URLSearchParams(within)) : [];
    if (Object.entries(within).some(([name, value]) => value && this.fields[name].value !== value)) return [];
    field.list.replaceChildren(...names.map((name) => new Option("", name)));
    return names;
  }

  async #names(within) {
    try {
      return await fetched(`/api/v1/delivery/divisions?${within}`, {}, divisions);
    } catch {
      return [];
    }
  }
}

async function divisions(response) {
  return response.ok ? (await response.json()).divisions : [];
}
