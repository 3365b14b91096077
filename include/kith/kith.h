// SPDX-License-Identifier: Apache-2.0
// All of kith. The pieces, in the order in which a photo meets them:
#pragma once

#include <kith/align.h>         // face -> upright crop
#include <kith/annotate.h>      // boxes and names drawn on a copy
#include <kith/background.h>    // how unknown people's vectors lie
#include <kith/classifiers.h>   // other ways from vector to name
#include <kith/cluster.h>       // vectors -> groups of faces, one a person
#include <kith/dataset.h>       // photos and videos -> a folder a person, for training
#include <kith/detect.h>        // pixels -> faces
#include <kith/embed.h>         // crop -> vector
#include <kith/face.h>          // boxes, landmarks, vectors, names
#include <kith/identify.h>      // vector -> name or unknown
#include <kith/image.h>         // pixels
#include <kith/image_source.h>  // pixels at the scale that a stage needs
#include <kith/library.h>       // the photo library: scan, people, decisions
#include <kith/metadata.h>      // names and texts in the photos' own metadata
#include <kith/models.h>        // which models there are
#include <kith/photo.h>         // file -> pixels
#include <kith/pipeline.h>      // all of it in sequence, over many photos
#include <kith/result.h>        // how failure is reported
#include <kith/train.h>         // crops of known people -> an embedder of one's own
#include <kith/video.h>         // the frames of videos and cameras
