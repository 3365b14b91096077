# SPDX-License-Identifier: Apache-2.0
"""Makes docs/images/result.png: a drawn group portrait, with the names that kith itself puts on it.

    /usr/bin/python3 tools/readme_picture.py      # needs a built build/kith, and libvips-tools

Three of the four people are enrolled from portraits of their own (another expression, another tilt of
the head); the fourth is nobody kith knows. Everything is drawn here, so the picture is ours to give away.
The drawings stay in build/readme_picture/. Fails if a name is not where it should be.
"""
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
KITH = Path(os.environ.get("KITH_BINARY", ROOT / "build/kith"))
OUT = ROOT / "build/readme_picture"
RESULT = ROOT / "docs/images/result.png"
RESULT_WIDTH = 900
MAX_BYTES = 150_000


@dataclass
class Person:
    """What somebody looks like. Lengths are in units of a face about 220 high, centred on the nose bridge."""
    name: str
    skin: tuple      # lit, middle, shaded
    hair: str
    iris: str
    shirt: str
    lips: str
    style: str       # of the hair: "short", "long", "bald", "bun"
    width: float = 76    # half of the face's width at the cheekbones
    chin: float = 118    # how far below the nose bridge
    jaw: float = 0.66    # the jaw's width over the cheekbones'
    eyes: float = 33     # from the middle to each eye
    eye: float = 1.0     # how large they are
    brow: float = 6      # thickness
    nose: float = 1.0    # width
    mouth: float = 27    # half of its width
    glasses: bool = False
    beard: bool = False


PEOPLE = [
    Person("Mara", ("#f6d3bd", "#e7b196", "#b97a60"), "#5b2d16", "#4d7a54", "#7d3f57", "#b9505a", "long",
           width=70, chin=112, jaw=0.58, eyes=31, eye=1.12, brow=4.5, nose=0.85, mouth=25),
    Person("Tomás", ("#d9a47c", "#bd8259", "#7f4e31"), "#1d1512", "#3b2413", "#2f5d73", "#9c5348", "short",
           width=79, chin=122, jaw=0.78, eyes=34, brow=8.5, nose=1.15, mouth=30, beard=True),
    Person("", ("#f3cfb8", "#dfa98e", "#ad735b"), "#b9b4ac", "#5c7fa3", "#6b6f4a", "#ad6258", "bald",
           width=80, chin=124, jaw=0.74, eyes=35, eye=0.88, brow=7, nose=1.25, mouth=29, glasses=True),
    Person("Adaeze", ("#a06a48", "#7b4a2f", "#47271a"), "#120d0c", "#22130c", "#c08a2e", "#7c3437", "bun",
           width=73, chin=112, jaw=0.64, eyes=33, eye=1.1, brow=5.5, nose=1.2, mouth=31),
]


def gradient(name: str, stops: list, cx=0.42, cy=0.36, r=0.72) -> str:
    inner = "".join(f'<stop offset="{at}" stop-color="{colour}" stop-opacity="{opacity}"/>' for at, colour, opacity in stops)
    return f'<radialGradient id="{name}" cx="{cx}" cy="{cy}" r="{r}">{inner}</radialGradient>'


def outline(p: Person, grow: float = 0) -> str:
    """The face from hairline to chin."""
    w, c, j = p.width + grow, p.chin + grow, p.width * p.jaw + grow
    return (f"M {-w} -20 C {-w} -92 {-w * .62} -118 0 -118 C {w * .62} -118 {w} -92 {w} -20 "
            f"C {w} 25 {j + 8} 62 {j} 78 C {j * .72} {c - 8} {j * .36} {c} 0 {c} "
            f"C {-j * .36} {c} {-j * .72} {c - 8} {-j} 78 C {-j - 8} 62 {-w} 25 {-w} -20 Z")


def eye(p: Person, side: int) -> str:
    x, k, shade = side * p.eyes, p.eye, p.skin[2]
    return f'''<g transform="translate({x} 0) scale({k})">
      <ellipse cx="0" cy="-3" rx="24" ry="15" fill="{shade}" opacity=".42" filter="url(#soft6)"/>
      <path d="M -16 2 Q -7 -9 2 -8.5 Q 11 -8 16 2 Q 6 8 -1 8 Q -10 7.5 -16 2 Z" fill="#f4efe9"/>
      <path d="M -16 2 Q -7 -9 2 -8.5 Q 11 -8 16 2 L 16 -1 Q 5 -4 -16 -1 Z" fill="#000" opacity=".22"/>
      <circle cx="0" cy="-.6" r="7.6" fill="{p.iris}"/><circle cx="0" cy="-.6" r="7.6" fill="none" stroke="#1a1210" stroke-width="1.2" opacity=".7"/>
      <circle cx="0" cy="-.6" r="3.5" fill="#0c0807"/><circle cx="-2.4" cy="-3.2" r="1.9" fill="#fff" opacity=".9"/>
      <path d="M -17 2.5 Q -8 -9.5 2 -9 Q 12 -8.5 17 2" fill="none" stroke="#1c1210" stroke-width="2.6" stroke-linecap="round"/>
      <path d="M -15 -8 Q -5 -15.5 4 -14.5 Q 12 -13.5 16 -7" fill="none" stroke="{shade}" stroke-width="1.8" opacity=".75"/>
      <path d="M -13 5 Q -3 11 14 4" fill="none" stroke="{shade}" stroke-width="1.6" opacity=".8"/>
      <path d="M -14 14 Q 0 21 15 12" fill="none" stroke="{shade}" stroke-width="3" opacity=".28" filter="url(#soft2)"/>
    </g>'''


def brow(p: Person, side: int, lift: float) -> str:
    x, t = side * p.eyes, p.brow
    colour = p.hair if p.style != "bald" else "#8d8478"
    return (f'<path transform="translate({x} {-20 - lift}) scale({side} 1)" fill="{colour}" opacity=".88" filter="url(#soft1)" '
            f'd="M -19 {t * .4} Q -4 {-t * 1.1} 10 {-t * .9} Q 18 {-t * .4} 24 {t * .7} Q 12 {t * .1} 2 {t * .2} Q -8 {t * .4} -19 {t * .4 + t * .7} Z"/>')


def mouth(p: Person, smile: float) -> str:
    """smile 0: closed and calm; 1: teeth."""
    w, y, lift, gape = p.mouth + 6 * smile, 73, 7 * smile, 9 * smile
    upper = f"M {-w} {y - lift} Q {-w * .4} {y - 6} -5 {y - 7} Q 0 {y - 5} 5 {y - 7} Q {w * .4} {y - 6} {w} {y - lift} Q 0 {y + 3 + gape * .1} {-w} {y - lift} Z"
    lower = f"M {-w} {y - lift} Q 0 {y + 3 + gape} {w} {y - lift} Q {w * .5} {y + 13 + gape} 0 {y + 13 + gape} Q {-w * .5} {y + 13 + gape} {-w} {y - lift} Z"
    teeth = f'<path d="M {-w} {y - lift} Q 0 {y + 1} {w} {y - lift} Q 0 {y + 5 + gape * 1.1} {-w} {y - lift} Z" fill="#f2ece4"/>' if smile > .3 else ""
    return f'''<path d="{lower}" fill="{p.lips}"/><path d="{upper}" fill="{p.lips}"/><path d="{upper}" fill="#000" opacity=".16"/>{teeth}
      <path d="M {-w} {y - lift} Q 0 {y + 2} {w} {y - lift}" fill="none" stroke="#3a1714" stroke-width="1.8" opacity=".75"/>
      <ellipse cx="-3" cy="{y + 8 + gape * .6}" rx="{w * .35}" ry="2.4" fill="#fff" opacity=".25" filter="url(#soft2)"/>
      <path d="M {-w * .6} {y + 18 + gape} Q 0 {y + 24 + gape} {w * .6} {y + 18 + gape}" fill="none" stroke="{p.skin[2]}" stroke-width="5" opacity=".45" filter="url(#soft3)"/>
      <path d="M {-18 * p.nose} 42 Q {-w - 9} 54 {-w - 5} {y + 2}" fill="none" stroke="{p.skin[2]}" stroke-width="3" opacity="{.3 + .35 * smile}" filter="url(#soft2)"/>
      <path d="M {18 * p.nose} 42 Q {w + 9} 54 {w + 5} {y + 2}" fill="none" stroke="{p.skin[2]}" stroke-width="3" opacity="{.3 + .35 * smile}" filter="url(#soft2)"/>'''


def nose(p: Person) -> str:
    n, shade = p.nose, p.skin[2]
    return f'''<path d="M -9 -8 Q -6 22 {-13 * n} 38" fill="none" stroke="{shade}" stroke-width="7" opacity=".28" filter="url(#soft3)"/>
      <path d="M 8 -8 Q 9 20 {15 * n} 38 Q {10 * n} 48 3 45 Q 8 20 8 -8 Z" fill="{shade}" opacity=".5" filter="url(#soft3)"/>
      <path d="M -1 -6 L -2 34" stroke="{p.skin[0]}" stroke-width="6" opacity=".75" filter="url(#soft3)"/>
      <ellipse cx="-1" cy="38" rx="{10 * n}" ry="8" fill="{p.skin[0]}" opacity=".7" filter="url(#soft2)"/>
      <path d="M {-17 * n} 42 Q {-19 * n} 33 {-12 * n} 31" fill="none" stroke="{shade}" stroke-width="2.2" opacity=".7" filter="url(#soft1)"/>
      <path d="M {17 * n} 42 Q {19 * n} 33 {12 * n} 31" fill="none" stroke="{shade}" stroke-width="2.2" opacity=".8" filter="url(#soft1)"/>
      <ellipse cx="{-8.5 * n}" cy="46" rx="{4.6 * n}" ry="2.6" fill="#2a120c" opacity=".75" filter="url(#soft1)"/>
      <ellipse cx="{8.5 * n}" cy="46" rx="{4.6 * n}" ry="2.6" fill="#2a120c" opacity=".75" filter="url(#soft1)"/>
      <path d="M {-16 * n} 45 Q -4 51 0 51 Q 4 51 {16 * n} 45" fill="none" stroke="{shade}" stroke-width="2.4" opacity=".7" filter="url(#soft1)"/>'''


def hair_behind(p: Person) -> str:
    w = p.width
    if p.style == "long":
        return f'<path d="M {-w - 16} 150 C {-w - 34} 40 {-w - 26} -150 0 -150 C {w + 26} -150 {w + 34} 40 {w + 16} 150 Q 0 190 {-w - 16} 150 Z" fill="{p.hair}"/>'
    if p.style == "bun":
        return f'<circle cx="0" cy="-152" r="40" fill="{p.hair}"/><ellipse cx="0" cy="-60" rx="{w + 8}" ry="78" fill="{p.hair}"/>'
    return ""


def hair_before(p: Person) -> str:
    w, h = p.width, p.hair
    shine = f'<path d="M {-w * .6} -112 Q -10 -140 {w * .5} -118" fill="none" stroke="#fff" stroke-width="9" opacity=".16" filter="url(#soft6)"/>'
    if p.style == "long":
        return (f'<path d="M {-w - 10} 40 C {-w - 26} -130 -40 -152 6 -148 C 60 -146 {w + 24} -110 {w + 10} 44 '
                f'C {w + 4} -20 {w - 6} -62 30 -100 C 0 -80 -50 -72 {-w + 2} -30 Q {-w - 4} 0 {-w - 10} 40 Z" fill="{h}"/>{shine}')
    if p.style == "short":
        return (f'<path d="M {-w - 4} -6 C {-w - 18} -110 -56 -150 4 -148 C 64 -148 {w + 18} -108 {w + 4} -6 '
                f'C {w - 4} -40 {w - 10} -66 {w - 24} -82 Q 10 -100 {-w + 26} -84 C {-w + 8} -62 {-w + 4} -40 {-w - 4} -6 Z" fill="{h}"/>{shine}')
    if p.style == "bun":
        return (f'<path d="M {-w - 3} -16 C {-w - 14} -100 -50 -136 0 -136 C 50 -136 {w + 14} -100 {w + 3} -16 '
                f'C {w - 4} -62 46 -98 0 -98 C -46 -98 {-w + 4} -62 {-w - 3} -16 Z" fill="{h}"/>{shine}')
    return "".join(f'<path transform="scale({side} 1)" d="M {w - 3} 16 C {w + 12} -10 {w + 10} -52 {w - 10} -74 C {w - 2} -46 {w - 6} -10 {w - 3} 16 Z" fill="{h}"/>'
                   for side in (-1, 1))


def beard(p: Person) -> str:
    if not p.beard:
        return ""
    w, c, j = p.width, p.chin, p.width * p.jaw
    return (f'<path d="M {-w + 1} 14 C {-w + 4} 40 {-j - 4} 64 {-j} 80 C {-j * .7} {c} {-j * .3} {c + 5} 0 {c + 5} C {j * .3} {c + 5} {j * .7} {c} {j} 80 '
            f'C {j + 4} 64 {w - 4} 40 {w - 1} 14 C {w - 14} 50 44 52 24 55 Q 0 52 -24 55 C -44 52 {-w + 14} 50 {-w + 1} 14 Z" fill="{p.hair}" opacity=".72" filter="url(#soft3)"/>')


def glasses(p: Person) -> str:
    if not p.glasses:
        return ""
    e = p.eyes
    lenses = "".join(f'<rect x="{side * e - 26}" y="-17" width="52" height="37" rx="15" fill="#fff" fill-opacity=".07" stroke="#33302d" stroke-width="3"/>' for side in (-1, 1))
    return f'{lenses}<path d="M {-e + 26} -3 Q 0 -10 {e - 26} -3 M {-e - 26} -4 L {-p.width} -8 M {e + 26} -4 L {p.width} -8" fill="none" stroke="#33302d" stroke-width="3"/>'


def figure(p: Person, x: float, y: float, size: float, key: str, tilt: float, smile: float) -> str:
    """Somebody from the shoulders up, the nose bridge at (x, y)."""
    lit, middle, shaded = p.skin
    w = p.width
    ears = "".join(f'<ellipse cx="{side * (w + 2)}" cy="12" rx="11" ry="24" fill="{middle}"/><ellipse cx="{side * (w + 3)}" cy="12" rx="5" ry="14" fill="{shaded}" opacity=".5"/>'
                   for side in (-1, 1)) if p.style != "long" else ""
    return f'''<defs>{gradient("skin" + key, [(0, lit, 1), (.55, middle, 1), (1, shaded, 1)])}
      <clipPath id="face{key}"><path d="{outline(p)}"/></clipPath>
      <linearGradient id="shirt{key}" x1="0" y1="0" x2="1" y2="1"><stop offset="0" stop-color="{p.shirt}"/><stop offset="1" stop-color="#1d1d22"/></linearGradient></defs>
    <g transform="translate({x} {y}) scale({size})">
      <g transform="rotate({tilt})">{hair_behind(p)}</g>
      <path d="M -46 60 L -44 160 Q 0 205 44 160 L 46 60 Z" fill="{middle}"/><path d="M -46 60 L -44 150 Q 30 130 45 80 L 46 60 Z" fill="{shaded}" opacity=".75" filter="url(#soft6)"/>
      <path d="M -190 420 C -190 210 -120 178 -50 152 Q 0 212 50 152 C 120 178 190 210 190 420 L 196 700 L -196 700 Z" fill="url(#shirt{key})"/>
      <path d="M -50 152 Q 0 212 50 152" fill="none" stroke="#000" stroke-width="5" opacity=".25"/>
      <g transform="rotate({tilt})">{ears}
        <path d="{outline(p)}" fill="url(#skin{key})"/>
        <g clip-path="url(#face{key})">
          <path d="M {w * .55} -130 Q {w * .75} 20 {w * .3} 130 L {w + 30} 130 L {w + 30} -130 Z" fill="{shaded}" opacity=".38" filter="url(#soft12)"/>
          <ellipse cx="{-w * .55}" cy="38" rx="22" ry="16" fill="{p.lips}" opacity=".22" filter="url(#soft6)"/><ellipse cx="{w * .55}" cy="38" rx="22" ry="16" fill="{p.lips}" opacity=".22" filter="url(#soft6)"/>
          <ellipse cx="-12" cy="-70" rx="36" ry="20" fill="#fff" opacity=".18" filter="url(#soft12)"/>
          <ellipse cx="-3" cy="{p.chin - 16}" rx="16" ry="9" fill="{lit}" opacity=".5" filter="url(#soft6)"/>{beard(p)}
        </g>
        {eye(p, -1)}{eye(p, 1)}{brow(p, -1, 3 * smile)}{brow(p, 1, 3 * smile)}{nose(p)}{mouth(p, smile)}{hair_before(p)}{glasses(p)}
      </g>
    </g>'''


def page(width: int, height: int, inside: str, sky: tuple) -> str:
    soft = "".join(f'<filter id="soft{n}" x="-60%" y="-60%" width="220%" height="220%"><feGaussianBlur stdDeviation="{n}"/></filter>' for n in (1, 2, 3, 6, 12))
    return f'''<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}">
    <defs>{soft}<linearGradient id="sky" x1="0" y1="0" x2="0" y2="1"><stop offset="0" stop-color="{sky[0]}"/><stop offset="1" stop-color="{sky[1]}"/></linearGradient></defs>
    <rect width="{width}" height="{height}" fill="url(#sky)"/>{inside}</svg>'''


def group() -> str:
    hills = ('<path d="M 0 420 Q 260 300 560 390 T 1200 350 T 1600 400 L 1600 800 L 0 800 Z" fill="#8fae86"/>'
             '<path d="M 0 500 Q 420 400 860 480 T 1600 460 L 1600 800 L 0 800 Z" fill="#6f9468"/>')
    places = [(240, 360, 1.12, -5, .9), (615, 250, 1.12, 3, .75), (1000, 255, 1.1, -2, .6), (1365, 365, 1.12, 5, 1.0)]
    return page(1600, 720, hills + "".join(figure(p, x, y, size, f"g{i}", tilt, smile) for i, (p, (x, y, size, tilt, smile)) in enumerate(zip(PEOPLE, places))),
                ("#a9cbe6", "#e8eef0"))


def portrait(p: Person) -> str:
    return page(800, 900, figure(p, 400, 400, 1.35, "p", 1, .15), ("#c9c4bb", "#8f8a84"))


def render(svg: str, png: Path, drawings: Path) -> None:
    source = drawings / f"{png.stem}.svg"
    source.write_text(svg, encoding="utf-8")
    subprocess.run(["vips", "flatten", source, png], check=True)


def main() -> int:
    people = OUT / "People"
    people.mkdir(parents=True, exist_ok=True)
    for person in PEOPLE:
        if person.name:
            render(portrait(person), people / f"{person.name}.png", OUT)
    render(group(), OUT / "Group.png", OUT)
    command = [KITH, "identify", OUT / "Group.png", "--people", people, "--threads", "1", "--quiet"]
    line = subprocess.run([*command, "--annotate", OUT / "annotated", "--json"], check=True, capture_output=True, text=True).stdout
    faces = json.loads(line)["faces"]
    for face in faces:
        print(f"{face['name'] or 'unknown':10} similarity {face['similarity']}")
    found = [face["name"] for face in faces]
    expected = [person.name or None for person in PEOPLE]
    if found != expected:
        print(f"error: kith says {found}, should be {expected}", file=sys.stderr)
        return 1
    RESULT.parent.mkdir(parents=True, exist_ok=True)
    # A palette keeps the file small.
    subprocess.run(["vips", "thumbnail", OUT / "annotated/Group.png", f"{RESULT}[palette,Q=90,strip]", str(RESULT_WIDTH)], check=True)
    if RESULT.stat().st_size > MAX_BYTES:
        print(f"error: {RESULT} has {RESULT.stat().st_size} bytes, more than {MAX_BYTES}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
